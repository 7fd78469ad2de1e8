/**
 * Packs the texts of a language for the bundle. All languages have the same keys, so the bundle
 * holds the keys once, and per language one line a key. `src/unpack.js` reads it back.
 */
const PLURAL_FORM = /_(zero|one|two|few|many|other)$/;

/** The keys without plural forms, in the order of the catalog. @param {Record<string, string>} texts */
export const stemsOf = (texts) => [...new Set(Object.keys(texts).map((key) => key.replace(PLURAL_FORM, '')))];

/**
 * @param {string[]} stems
 * @param {Record<string, string>} texts
 * @returns {string} one line a stem; plural forms as `<tab>form:text` each
 */
export function pack(stems, texts) {
  return stems
    .map((stem) => {
      const forms = Object.keys(texts).filter((key) => PLURAL_FORM.test(key) && key.replace(PLURAL_FORM, '') === stem);
      if (!forms.length) return texts[stem];
      return forms.map((key) => `\t${PLURAL_FORM.exec(key)[1]}:${texts[key]}`).join('');
    })
    .join('\n');
}
