/**
 * A random id; `randomUUID` exists in secure contexts only, and test sites often are none.
 * @returns {string}
 */
export function makeId() {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
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
 * Runs work in one tab at a time; null where the browser cannot (insecure contexts).
 * @param {string} name
 * @returns {(<T>(work: () => Promise<T>) => Promise<T>) | null}
 */
export function tabLock(name) {
  if (!navigator.locks) return null;
  // Awaited twice: the DOM's types nest the promise that the lock hands through.
  return async (work) => await (await navigator.locks.request(name, work));
}

/** @param {() => void} work */
export function whenBodyExists(work) {
  if (document.body) work();
  else document.addEventListener('DOMContentLoaded', work, { once: true });
}
