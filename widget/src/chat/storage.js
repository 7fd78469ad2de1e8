/**
 * localStorage where it works, memory where it does not (private windows, blocked cookies, full
 * disk): a visitor without storage has a chat that ends with the page, not a broken one.
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
        return JSON.parse(memory.get(key) ?? area?.getItem(prefix + key) ?? 'null');
      } catch {
        return null;
      }
    },
    /** Null removes. @param {string} key @param {unknown} value */
    set(key, value) {
      memory.delete(key);
      try {
        if (!area) throw new Error('no storage');
        if (value === null) area.removeItem(prefix + key);
        else area.setItem(prefix + key, JSON.stringify(value));
      } catch {
        memory.set(key, JSON.stringify(value));
      }
    },
    /** Our key for a browser's storage event; null for somebody else's. @param {string | null} key */
    ownKey: (key) => (key?.startsWith(prefix) ? key.slice(prefix.length) : null),
  };
}

/** Reading `window.localStorage` itself may throw. @param {'localStorage' | 'sessionStorage'} name */
export function storageArea(name) {
  try {
    return window[name];
  } catch {
    return null;
  }
}
