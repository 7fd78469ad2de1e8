/**
 * Packs the texts of a language for the bundle. All languages have the same keys, so the bundle
 * holds the keys once, and per language one line a key. `src/unpack.js` reads it back.
 */
import { shift } from './src/unpack.js';

const PLURAL_FORM = /_(zero|one|two|few|many|other)$/;

/** The keys without plural forms, in the order of the catalog. @param {Record<string, string>} texts */
export const stemsOf = (texts) => [...new Set(Object.keys(texts).map((key) => key.replace(PLURAL_FORM, '')))];

/**
 * How far the letters of a text are above ASCII's; chosen so that quotes and backslashes, which need
 * escaping, fall on letters that are rare or none.
 * @param {string} text
 */
export const shiftOf = (text) => (/[а-я]/i.test(text) ? 0x3ed : /[ء-ي]/.test(text) ? 0x5e1 : 0);

/**
 * @param {string[]} stems
 * @param {Record<string, string>} texts
 * @param {number} by how far letters are shifted
 * @returns {string} one line a stem; plural forms as `<tab>form:text` each
 */
export function pack(stems, texts, by) {
  const lines = stems
    .map((stem) => {
      const forms = Object.keys(texts).filter((key) => PLURAL_FORM.test(key) && key.replace(PLURAL_FORM, '') === stem);
      if (!forms.length) return texts[stem];
      return forms.map((key) => `\t${PLURAL_FORM.exec(key)[1]}:${texts[key]}`).join('');
    })
    .join('\n');
  return shift(lines, by);
}
