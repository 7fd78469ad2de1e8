const LINK = /https?:\/\/|www\.|\.\p{L}{2,}/iu;

/** As the server keeps a name. @param {string} text */
export const tidyName = (text) => text.trim().replace(/\s+/g, ' ');

/**
 * The server's rule, asked here first so that the answer comes at once.
 * @param {string} name tidy
 * @returns {'' | 'nameLength' | 'nameLink'}
 */
export function nameProblem(name) {
  const { length } = [...name];
  if (length < 2 || length > 32) return 'nameLength';
  return LINK.test(name) ? 'nameLink' : '';
}
