/**
 * The options that had no effect: unknown ones, and those with a value of the wrong type.
 * @param {Record<string, unknown>} given
 * @param {object} settings what was made of them
 * @returns {string[]} their names
 */
export function ignoredOptions(given, settings) {
  const read = /** @type {Record<string, unknown>} */ ({ ...settings });
  return Object.keys(given).filter((name) => {
    const value = given[name];
    if (value === undefined || value === null) return false;
    if (!(name in read)) return true;
    if (Array.isArray(read[name])) return false; // one pattern stands for a list of one
    return typeof value !== typeof read[name] || (name === 'position' && read[name] === '');
  });
}

/** One line in the console, for the one who writes the page. @param {string[]} names */
export function hintAt(names) {
  if (names.length) {
    console.warn(
      `Support chat: SupportChat.init ignored ${names.join(', ')}: unknown, or a value of the wrong type.`,
    );
  }
}
