/**
 * Changes places between ASCII's signs and the block that begins `by` above them. Applied twice it
 * changes nothing. A letter of another script takes six bytes in an ASCII file, and one like this.
 * @param {string} text
 * @param {number} by 0 for none
 */
export const shift = (text, by) =>
  text.replace(/[^\0- ]/g, (sign) => {
    const code = sign.charCodeAt(0);
    const other = code < 127 ? code + by : code - by;
    return other > 32 && (code < 127 || other < 127) ? String.fromCharCode(other) : sign;
  });

/**
 * The texts of one language as the build has packed them: a line for each key, and for a key with
 * plural forms `<tab>form:text` for each of them.
 * @param {string[]} stems the keys, without plural forms
 * @param {string} packed
 * @param {number} [by] how far its letters are shifted
 * @returns {import('./types').Strings}
 */
export const unpack = (stems, packed, by = 0) =>
  Object.fromEntries(
    shift(packed, by).split('\n').flatMap((line, at) => {
      const [text, ...forms] = line.split('\t');
      return forms.length
        ? forms.map((form) => {
            const [name, ...rest] = form.split(':');
            return [`${stems[at]}_${name}`, rest.join(':')];
          })
        : [[stems[at], text]];
    }),
  );
