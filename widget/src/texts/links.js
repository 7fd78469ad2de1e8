// No lookbehind: Safari reads it from 16.4 on only, and would refuse the whole script.
const LABEL = String.raw`[\p{L}\p{N}_][\p{L}\p{M}\p{N}_-]*`;
// ASCII ends where another script begins: in 请看 https://shop.example谢谢 nothing else would.
const TLD = String.raw`(?:xn--[a-z\d-]+|[a-z]{2,63}(?![a-z\d-])|(?:(?![a-z])[\p{L}\p{M}]){2,63})`;
const HOST = String.raw`(?:${LABEL}\.)+${TLD}`;
const SERVER = String.raw`(?:localhost|\d{1,3}(?:\.\d{1,3}){3}|\[[\da-f:.]+\]|${HOST})(?::\d{1,5})?`;
// Letters of all scripts, and no punctuation but ASCII's, and what joins the parts of a word or name.
const PATH = String.raw`(?:[/?#](?:[!#-;=?-\[\]_a-z{|}~]|[^\0-\x9f\p{P}\p{Z}\p{S}\p{C}]|[·・–’‐‑־\u200c\u200d](?=[\p{L}\p{N}]))*)?`;
const MAIL = String.raw`[a-z\d][\w.+'-]*@${HOST}`;
// As written for people abroad only: with a plus. Without, it could be an order, a date, a price.
const PHONE = String.raw`\+(?:1[ ().-]{0,2}[2-9]|[2-9])(?:[ \xa0\u202f().–‑-]{0,2}\d){6,13}`;
const ADDRESS = new RegExp(`https?://${SERVER}${PATH}|www\\.${HOST}(?::\\d{1,5})?${PATH}|${MAIL}|${PHONE}`, 'giu');

const ENDS_SENTENCE = /[.,;:!?'*|~]+$/;

/**
 * Cuts a text into plain pieces and links, so that the view never has to parse markup: web
 * addresses with `http(s)://` or `www.`, e-mail addresses, and telephone numbers with a country
 * code. Everything else stays text, whatever it looks like.
 * @param {string} text
 * @returns {{text: string, href: string}[]}
 */
export function splitLinks(text) {
  /** @type {{text: string, href: string}[]} */
  const pieces = [];
  let from = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimEnd(match[0]);
    const end = match.index + address.length;
    const href = hrefOf(address, text.slice(0, match.index), text.slice(end));
    if (!href) continue;
    if (match.index > from) pieces.push({ text: text.slice(from, match.index), href: '' });
    pieces.push({ text: address, href });
    from = end;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), href: '' });
  return pieces;
}

/** Punctuation after an address belongs to the sentence. @param {string} address */
function trimEnd(address) {
  let end = address.replace(ENDS_SENTENCE, '');
  while (/[)\]}]$/.test(end) && !isBalanced(end)) end = end.slice(0, -1).replace(ENDS_SENTENCE, '');
  return end;
}

/** @param {string} text */
function isBalanced(text) {
  return ['()', '[]', '{}'].every(
    (pair) => text.split(pair[0] ?? '').length >= text.split(pair[1] ?? '').length,
  );
}

/**
 * '' for what is a part of something else.
 * @param {string} address @param {string} before @param {string} after what stands around it
 */
function hrefOf(address, before, after) {
  if (/^https?:/i.test(address)) return /[a-z\d]$/i.test(before) || after[0] === '@' ? '' : address;
  // Scripts without capitals put no blank before it either: 请看www.shop.example
  if (/[\p{Lu}\p{Ll}\p{N}_@./+=-]$|:\/\/\S*$/u.test(before) || after[0] === '@') return '';
  if (address[0] === '+') {
    return /^[\p{L}\p{N}]|^\s?[%€$£¥₽]/u.test(after) ? '' : `tel:+${address.replace('(0)', '').replace(/\D/g, '')}`;
  }
  if (address.includes('@') && !/^www\.[^@]*[/?#]/i.test(address)) return /^:\w/.test(after) ? '' : `mailto:${address}`;
  return `https://${address}`;
}
