import { attempt } from '../browser.js';
import { decode, encode } from '../wire.js';

/**
 * localStorage where it works, memory where it does not (private windows, blocked cookies, full
 * disk, a consent banner that lets nothing be stored): a visitor without storage has a chat that ends with the page, not a broken one.
 * @param {string} prefix
 * @param {Storage | null} area
 */
export function createStorage(prefix, area) {
  /** Values that the area refused. @type {Map<string, string>} */
  const memory = new Map();

  return {
    /** The parsed value; null when there is none or it is not ours. @param {string} key @returns {any} */
    get(key) {
      try {
        return decode(memory.get(key) ?? area?.getItem(prefix + key) ?? 'null');
      } catch {
        return null;
      }
    },
    /** Null removes. @param {string} key @param {unknown} value */
    set(key, value) {
      const text = value === null ? null : encode(value);
      // Read again, for a write may be refused without a word.
      const isKept = attempt(() => {
        if (text === null) area?.removeItem(prefix + key);
        else area?.setItem(prefix + key, text);
        return !!area && area.getItem(prefix + key) === text;
      }, false);
      if (isKept) memory.delete(key);
      else memory.set(key, text ?? 'null');
    },
    /** Our key for a browser's storage event; null for somebody else's. @param {string | null} key */
    ownKey: (key) => (key?.startsWith(prefix) ? key.slice(prefix.length) : null),
  };
}
