import { NoAnswer } from './chat/look_api.js';

// A server that had no answer is asked again when the chat is next opened, but not before this.
const AGAIN_MS = 60_000;

/**
 * The tenant's own words, fetched when somebody is about to read them. They only ever replace what
 * is built in: while they are on their way, or when they do not come, the chat speaks already.
 * @param {{
 *   load: (locale: string) => Promise<unknown>,
 *   elapsed: () => number,
 *   onLoaded: (locale: string) => void,
 * }} deps `load` rejects with NoAnswer
 */
export function createTranslations({ load, elapsed, onLoaded }) {
  /** @type {Map<string, any>} */
  const loaded = new Map();
  /** @type {Map<string, number>} */
  const askedAt = new Map();

  return {
    /** As the server has sent them. @param {string} locale @returns {import('./types').Strings} */
    entries: (locale) => loaded.get(locale) ?? {},
    /** @param {string} locale */
    async want(locale) {
      const before = askedAt.get(locale);
      if (loaded.has(locale) || (before !== undefined && elapsed() - before < AGAIN_MS)) return;
      askedAt.set(locale, elapsed());
      try {
        loaded.set(locale, await load(locale));
        onLoaded(locale);
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error;
      }
    },
  };
}
