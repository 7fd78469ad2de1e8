import { PARTS } from 'built:parts';

const ROUNDS = 2;

/**
 * The widget's other files, each fetched when it is first asked for: the engine, and one file a
 * language. A browser runs exactly the file that this build names by its hash, or none.
 * @param {string} origin of the server that has them
 * @param {string} nonce of the page's policy
 */
export function createParts(origin, nonce) {
  /** @type {Map<string, Promise<any>>} */
  const parts = new Map();
  /** How often each has been sought in vain. @type {Map<string, number>} */
  const failures = new Map();

  /** @param {string} name @param {string} hash */
  async function fetchPart(name, hash = PARTS[name] ?? '') {
    const file = `widget/${name}-${hash.slice(0, 20).replace(/\+/g, '-').replace(/\//g, '_')}.js`;
    for (let round = 0; round < ROUNDS; round += 1) {
      // Browsers keep a module that did not come as one that does not exist.
      const again = failures.get(name) ?? 0;
      const address = `${origin}/${file}${again ? `?${again}` : ''}`;
      try {
        if (await check(address, `sha256-${hash}`)) return (await import(address)).default;
      } catch {
        // Not there, or refused.
      }
      failures.set(name, again + 1);
    }
    parts.delete(name); // it may be there when it is asked for again
    return null;
  }

  /**
   * Fetches a module and compares it with its hash: `import` has no way to name one. It uses what
   * is fetched here. A browser that cannot do that imports without.
   * @param {string} address @param {string} integrity
   * @returns {Promise<boolean>}
   */
  function check(address, integrity) {
    const link = document.createElement('link');
    if (!link.relList?.supports('modulepreload')) return (async () => true)();
    Object.assign(link, { rel: 'modulepreload', crossOrigin: 'anonymous', integrity, nonce, href: address });
    return new Promise((resolve) => {
      /** @param {boolean} isFine */
      const settle = (isFine) => () => {
        link.remove();
        resolve(isFine);
      };
      link.addEventListener('load', settle(true));
      link.addEventListener('error', settle(false));
      document.head.append(link);
    });
  }

  return {
    /**
     * Its default export; null when it cannot be had.
     * @param {string} name @param {string} [hash] of a part that only another part names
     * @returns {Promise<any>}
     */
    get(name, hash) {
      const known = parts.get(name) ?? fetchPart(name, hash);
      parts.set(name, known);
      return known;
    },
  };
}
