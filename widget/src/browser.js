/**
 * What a browser may have, and may refuse all the same: in a sandboxed frame, an insecure page, a
 * private window, under a policy, or after a script of the page has replaced it. Each of these
 * falls back to something that works.
 */

/**
 * The result of `use`, or `otherwise` where the browser refuses.
 * @template T
 * @param {() => T} use
 * @param {T} otherwise
 * @returns {T}
 */
export function attempt(use, otherwise) {
  try {
    return use();
  } catch {
    return otherwise; // refusing is the browser's right, and `otherwise` is the answer to it
  }
}

/** @type {Set<string>} */
const reported = new Set();

/** Tells the page's developers, once for each fault. @param {unknown} error @param {string} [hint] */
export function report(error, hint = '') {
  const words = hint || String(error);
  if (reported.has(words)) return;
  reported.add(words);
  console.error(...(hint ? [`SupportChat: ${hint}`] : ['SupportChat:', error]));
}

/**
 * A random id; `randomUUID` exists in secure contexts only, and test sites often are none.
 * @returns {string}
 */
export function makeId() {
  return attempt(
    () => crypto.randomUUID(),
    attempt(
      () => [...crypto.getRandomValues(new Uint8Array(16))],
      Array(16).fill(0).map(() => Math.floor(Math.random() * 256)),
    )
      .map((byte) => (byte + 256).toString(16).slice(1))
      .join(''),
  );
}

/**
 * The same through reloads of this tab, so that it goes on sending what it has begun to send.
 * @param {ReturnType<typeof import('./chat/storage.js').createStorage>} tabStorage
 * @returns {string}
 */
export function tabId(tabStorage) {
  const saved = tabStorage.get('tab');
  if (typeof saved === 'string') return saved;
  const id = makeId();
  tabStorage.set('tab', id);
  return id;
}

/**
 * Runs work in one tab at a time, where the browser can. `isShared` is false as soon as it is known
 * that it cannot; then work runs at once, and the tabs have to keep out of each other's way.
 * @param {string} name
 * @param {() => LockManager | undefined} manager
 * @returns {import('./types').TabLock}
 */
export function tabLock(name, manager = () => navigator.locks) {
  let locks = attempt(manager, undefined);
  return {
    isShared: () => !!locks,
    async run(work) {
      if (!locks) return work();
      let begun = false;
      const begin = () => {
        begun = true;
        return work();
      };
      try {
        // Awaited twice: the DOM's types nest the promise that the lock hands through.
        return await (await locks.request(name, begin));
      } catch (error) {
        if (begun) throw error;
        locks = undefined;
        return work();
      }
    },
  };
}

/**
 * @param {string} query
 * @param {() => void} onChange
 * @param {AbortSignal} signal
 * @returns {() => boolean} whether it matches now
 */
export function watchMedia(query, onChange, signal) {
  const list = attempt(() => matchMedia(query), null);
  attempt(() => list?.addEventListener('change', onChange, { signal }), undefined);
  return () => !!list?.matches;
}

/** @param {Element} element @param {() => void} onResize @returns {() => void} the undo */
export function watchSize(element, onResize) {
  const observer = attempt(() => new ResizeObserver(onResize), null);
  observer?.observe(element);
  return () => observer?.disconnect();
}

/** @param {number | number[]} pattern */
export const vibrate = (pattern) => attempt(() => navigator.vibrate(pattern), false);

/** @param {() => void} work */
export function whenBodyExists(work) {
  if (document.body) work();
  else document.addEventListener('DOMContentLoaded', work, { once: true });
}
