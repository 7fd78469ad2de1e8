/**
 * A message as the server will take it: trimmed, without what no keyboard means, NUL and halves of
 * a surrogate pair.
 * @param {string} text
 */
export function cleanText(text) {
  return text
    .replace(/\0/g, '')
    .replace(/[\ud800-\udfff]/gu, '\ufffd') // with the u flag only lone halves match
    .trim();
}

/**
 * Ms since 1970, NaN for no time. Libraries make `Date.parse` answer with an object.
 * @param {string} iso
 */
export const timeOf = (iso) => new Date(iso).getTime();

/** Whether what failed so would fail again. @param {string} [reason] */
export const isFinal = (reason = '') => /^(failedR|fileR|fileL)/.test(reason);
