/** @typedef {import('../types').SessionRecord} SessionRecord */

const STORE = 'session';
const CURRENT = 'current';
// A browser whose database neither opens nor fails is treated as one that refuses it. With a conversation
// in it that takes longer: a slow disk must not begin another one.
const OPEN_MS = 3000;
const OPEN_KNOWN_MS = 10_000;

/**
 * The session and its key in IndexedDB, one database per tenant and server. The private key is
 * not extractable: a script can use it in this browser, and copy it nowhere. Where the browser
 * refuses the database (private windows, sandboxed frames), the record stays in memory and ends with the
 * page. Calls run one after the other.
 * @param {string} name of the database
 * @param {{
 *   timers: Pick<import('../types').Timers, 'set' | 'clear'>,
 *   database?: () => IDBFactory,
 *   subtle?: () => SubtleCrypto | undefined,
 *   isKnown?: () => boolean,
 * }} deps `isKnown`: whether a session has been kept here before
 */
export function createKeyStore(
  name,
  { timers, database = () => indexedDB, subtle = () => crypto.subtle, isKnown = () => false },
) {
  /** @type {SessionRecord | null} */
  let memory = null;
  let isRefused = !crypto_();
  let hasOpened = false;
  /** A page's own Promise may be no good: each of these is a function's. @type {Promise<unknown>} */
  let queue = (async () => undefined)();

  /** Undefined on insecure pages. */
  function crypto_() {
    try {
      return subtle();
    } catch {
      return undefined;
    }
  }

  /** @returns {Promise<IDBDatabase>} */
  const open = () =>
    new Promise((resolve, reject) => {
      let isLate = false;
      const refuse = () => {
        isLate = true;
        reject(new Error('IndexedDB does not answer'));
      };
      const timer = timers.set(refuse, hasOpened || isKnown() ? OPEN_KNOWN_MS : OPEN_MS);
      const request = database().open(name, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE);
      request.onerror = () => {
        timers.clear(timer);
        reject(request.error);
      };
      request.onsuccess = () => {
        timers.clear(timer);
        if (isLate) request.result.close();
        else resolve(request.result);
      };
    });

  /**
   * @param {(present: SessionRecord | null) => SessionRecord | null} change what is to be there;
   *   the same record changes nothing
   * @returns {Promise<SessionRecord | null>} what is there afterwards
   */
  async function transact(change) {
    const db = await open();
    try {
      return await new Promise((/** @type {(value: SessionRecord | null) => void} */ resolve, reject) => {
        /** @type {SessionRecord | null} */
        let after = null;
        const transaction = db.transaction(STORE, 'readwrite');
        const store = transaction.objectStore(STORE);
        const read = store.get(CURRENT);
        read.onsuccess = () => {
          const present = asRecord(read.result);
          after = change(present);
          if (!after) store.delete(CURRENT);
          else if (after !== present) store.put(after, CURRENT);
        };
        transaction.oncomplete = () => resolve(after);
        transaction.onabort = () => reject(transaction.error);
      });
    } finally {
      db.close();
    }
  }

  /** @param {(present: SessionRecord | null) => SessionRecord | null} change */
  function run(change) {
    const result = queue.then(async () => {
      // A database that has worked, or should, is asked twice: browsers lose connections to it.
      for (let tries = isRefused ? 0 : hasOpened || isKnown() ? 2 : 1; tries; tries -= 1) {
        try {
          memory = await transact(change);
          hasOpened = true;
          return memory;
        } catch {
          // The browser's right; what the page knows goes on in memory.
        }
      }
      isRefused ||= !hasOpened;
      return (memory = change(memory));
    });
    queue = result;
    return result;
  }

  return {
    /** Whether all tabs see the same record. */
    isShared: () => !isRefused,
    load: () => run((present) => present),
    /** Of several tabs that add, the first one wins. @param {SessionRecord} record */
    add: (record) => run((present) => present ?? record),
    /** @param {SessionRecord} record */
    update: (record) => run((present) => (present?.id === record.id ? record : present)),
    /** @param {string} [id] any, unless given */
    remove: (id) => run((present) => (id && present?.id !== id ? present : null)),
    /** A new key pair; null where the browser has no WebCrypto. @returns {Promise<CryptoKeyPair | null>} */
    async makeKeys() {
      try {
        const made = await crypto_()?.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
        if (made) return made;
      } catch {
        // As where there is no WebCrypto at all.
      }
      isRefused = true;
      return null;
    },
    /** @param {CryptoKeyPair} keys @returns {Promise<JsonWebKey>} */
    async publicKey({ publicKey }) {
      const { kty, crv, x, y } = await /** @type {SubtleCrypto} */ (crypto_()).exportKey('jwk', publicKey);
      return { kty, crv, x, y };
    },
    /** Base64url of the raw signature. @param {CryptoKeyPair} keys @param {string} challenge ASCII */
    async sign({ privateKey }, challenge) {
      const bytes = Uint8Array.from(challenge, (sign) => sign.charCodeAt(0));
      const signature = await /** @type {SubtleCrypto} */ (crypto_()).sign(
        { name: 'ECDSA', hash: 'SHA-256' },
        privateKey,
        bytes,
      );
      return btoa(String.fromCharCode(...new Uint8Array(signature)))
        .replace(/\+/g, '-')
        .replace(/\//g, '_')
        .replace(/=/g, '');
    },
  };
}

/** The page may have put anything there. @param {any} value @returns {SessionRecord | null} */
const asRecord = (value) => (typeof value?.id === 'string' && value.keys?.privateKey ? value : null);
