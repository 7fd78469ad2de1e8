// Only web addresses become links: everything else stays text, whatever it looks like.
const ADDRESS = /\b(?:https?:\/\/|www\.)[^\s<>"'“”‘’«»]+/gi;

/**
 * Cuts a text into plain pieces and links, so that the view never has to parse markup.
 * @param {string} text
 * @returns {{text: string, href: string}[]}
 */
export function splitLinks(text) {
  /** @type {{text: string, href: string}[]} */
  const pieces = [];
  let from = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimEnd(match[0]);
    const href = hrefOf(address);
    if (!href) continue;
    if (match.index > from) pieces.push({ text: text.slice(from, match.index), href: '' });
    pieces.push({ text: address, href });
    from = match.index + address.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), href: '' });
  return pieces;
}

/** Punctuation after an address belongs to the sentence. @param {string} address */
function trimEnd(address) {
  let end = address.replace(/[.,;:!?…]+$/, '');
  while (/[)\]}]$/.test(end) && !isBalanced(end)) end = end.slice(0, -1).replace(/[.,;:!?…]+$/, '');
  return end;
}

/** @param {string} text */
function isBalanced(text) {
  return ['()', '[]', '{}'].every(
    (pair) => text.split(pair[0] ?? '').length >= text.split(pair[1] ?? '').length,
  );
}

/** @param {string} address */
function hrefOf(address) {
  try {
    const url = new URL(/^www\./i.test(address) ? `https://${address}` : address);
    return url.hostname.includes('.') || url.hostname === 'localhost' ? url.href : '';
  } catch {
    return '';
  }
}
