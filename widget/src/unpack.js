/**
 * The texts of one language as the build has packed them: a line for each key, and for a key with
 * plural forms `<tab>form:text` for each of them.
 * @param {string[]} stems the keys, without plural forms
 * @param {string} packed
 * @returns {import('./types').Strings}
 */
export const unpack = (stems, packed) =>
  Object.fromEntries(
    packed.split('\n').flatMap((line, at) => {
      const [text, ...forms] = line.split('\t');
      return forms.length
        ? forms.map((form) => {
            const [name, ...rest] = form.split(':');
            return [`${stems[at]}_${name}`, rest.join(':')];
          })
        : [[stems[at], text]];
    }),
  );
