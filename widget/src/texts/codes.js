// A codename with its number ("Amber Otter #3F2A"), an order number, a phone number.
const CODE = /(?:[A-Za-z]{1,24} ){0,3}#[A-Za-z0-9][\w-]*|\+\d[\d ()-]*\d/g;

/**
 * Finds what must stay in one piece among letters that run from right to left: there "#3F2A" would
 * be read as "3F2A#", since the sign belongs to neither direction.
 * @param {string} text
 * @returns {{text: string, isCode: boolean}[]}
 */
export function splitCodes(text) {
  const pieces = [];
  let end = 0;
  for (const match of text.matchAll(CODE)) {
    if (match.index > end) pieces.push({ text: text.slice(end, match.index), isCode: false });
    pieces.push({ text: match[0], isCode: true });
    end = match.index + match[0].length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end), isCode: false });
  return pieces;
}
