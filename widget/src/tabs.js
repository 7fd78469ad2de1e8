import { attempt } from './browser.js';

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
