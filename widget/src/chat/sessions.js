import { ApiError } from './http.js';
import { createSession } from './session.js';

/** @typedef {import('../types').Session} Session */
/** @typedef {import('../types').SessionRecord} SessionRecord */

// A page that does not say who its visitor is must not keep all tabs from sending.
const IDENTITY_MS = 10_000;

/**
 * After this, a token of an earlier version opens nothing any more. Not so when nobody may write from
 * this page, or to this tenant, for now: then there is nothing else to begin, either.
 * @param {ApiError} error
 */
const isOver = ({ status, code }) =>
  status >= 400 && status < 500 && ![408, 425, 429].includes(status) && !/^(origin_not_allowed$|tenant_suspended$|identity_)/.test(code);

/**
 * Which session this browser has. All tabs share one: its key lies in IndexedDB, and the store
 * tells the other tabs that it has changed.
 * @param {{
 *   api: ReturnType<typeof import('./api.js').createApi>,
 *   keys: ReturnType<typeof import('./key_store.js').createKeyStore>,
 *   store: ReturnType<typeof import('./store.js').createStore>,
 *   timers: import('../types').Timers,
 *   visitor: import('../types').Visitor,
 *   onOver: (conversation: string) => void,
 *   onStranger: () => void,
 *   onOwn: () => void,
 * }} deps `onOver`: an earlier version's conversation, whose token is over; `onStranger`: what this
 *   device has kept is another person's; `onOwn`: it is the visitor's, who may see it
 */
export function createSessions({ api, keys, store, timers, visitor, onOver, onStranger, onOwn }) {
  /** @type {Session | null} */
  let current = null;
  /** @type {SessionRecord | null} */
  let record = null;
  /** @type {Promise<Session | null> | null} */
  let opening = null;
  // Whether what this device has kept is the visitor's to read.
  let isDecided = false;
  // Of a person who has signed out: its key is not on this device any more.
  /** @type {Session | null} */
  let left = null;
  // Whether it is known whose draft this is.
  let isClaimed = false;
  let forgotten = 0;

  /** @param {SessionRecord} kept @param {Parameters<typeof createSession>[0]['first']} [first] */
  const sessionOf = (kept, first) =>
    createSession({ record: kept, api, keys, timers, page: visitor.page, ...(first ? { first } : {}) });

  /** @param {SessionRecord | null} next @param {Parameters<typeof createSession>[0]['first']} [first] */
  function become(next, first) {
    if (next && next.id === record?.id) return current;
    record = next;
    current = next && sessionOf(next, first);
    const id = next?.id ?? '';
    if (next) store.saveOwner(next.person ?? '');
    if (keys.isShared() && store.sessionId() !== id) store.saveSessionId(id);
    return current;
  }

  /**
   * @param {{name?: string, locale: string}} customer
   * @param {() => boolean} isWanted asked again after each wait
   * @param {{id: string, token: string}} [earlier] an earlier version's conversation, to go on with
   */
  async function begin(customer, isWanted, earlier) {
    const who = await identity();
    if (!isWanted()) return null;
    if (who) store.saveOwner(who.person);
    const pair = await keys.makeKeys();
    const begun = pair
      ? await api.begin(
          { ...customer, public_key: await keys.publicKey(pair), ...(who?.token ? { identity: who.token } : {}) },
          earlier?.token ?? '',
          visitor.said(),
        )
      : await beginInMemory(customer, earlier);
    if (!isWanted()) return null;
    if (earlier && record) await keys.remove(record.id);
    const next = { id: begun.session_id, locale: customer.locale, keys: pair, person: who?.person ?? store.owner() };
    const kept = await keys.add(next);
    if (!isWanted()) {
      await keys.remove();
      return null;
    }
    if (kept?.id !== next.id) return become(kept); // another tab was faster
    return become(next, { conversation: begun.conversation_id, token: begun.token, seconds: begun.expires_in });
  }

  /**
   * Without WebCrypto: v1's token, which nothing renews.
   * @param {{name?: string, locale: string}} customer
   * @param {{id: string, token: string}} [earlier]
   */
  async function beginInMemory(customer, earlier) {
    const { conversation_id, token } = earlier
      ? { conversation_id: earlier.id, token: earlier.token }
      : await api.start(customer);
    return { session_id: `page:${timers.now()}`, conversation_id, token, expires_in: Infinity };
  }

  /** Who is there; null where the page cannot say. @returns {ReturnType<typeof visitor.identity>} */
  const identity = () =>
    new Promise((resolve) => {
      const timer = timers.set(() => resolve(null), IDENTITY_MS);
      void visitor.identity().then((who) => (timers.clear(timer), resolve(who)));
    });

  /**
   * What is kept here, unless somebody else has signed in, or out, at this computer: what was said or
   * begun is not for them to read, nor to send, even after its session has ended. Rejects with ApiError
   * while that cannot be decided.
   */
  async function own() {
    const kept = await keys.load();
    const owner = kept ? kept.person : store.owner();
    if (!owner || (kept && kept.id === record?.id)) return kept;
    const who = await identity();
    if (!who) throw new ApiError(0, 'identity_unknown', '');
    if (who.person === owner) return kept;
    if (kept && !who.person) left = sessionOf(kept);
    const next = kept && (await keys.remove(kept.id));
    isClaimed = false;
    onStranger();
    return next;
  }

  /** @param {string} locale */
  async function open(locale) {
    try {
      const before = forgotten;
      const kept = await own();
      if (before !== forgotten) return current;
      become(kept);
      if (!isDecided) {
        isDecided = true;
        onOwn();
      }
      const earlier = store.earlierSession();
      if (earlier) await goOn(earlier, locale);
      return current;
    } finally {
      opening = null;
    }
  }

  /** @param {import('./store.js').Earlier} earlier @param {string} locale */
  async function goOn(earlier, locale) {
    let conversation = '';
    try {
      // Forgotten meanwhile, or taken over by another tab: it is not wanted any more.
      const isWanted = () => store.earlierSession()?.id === earlier.id;
      conversation = (await begin({ locale: earlier.locale || locale }, isWanted, earlier))?.conversation() ?? '';
    } catch (error) {
      if (!(error instanceof ApiError) || !isOver(error)) throw error;
      onOver(earlier.id);
    }
    // A person's open conversation goes before the earlier one.
    store.moveMarks(earlier.id, (conversation === earlier.id && current?.id) || '');
    store.forgetEarlier(earlier);
  }

  return {
    current: () => current,
    isShared: keys.isShared,
    isDecided: () => isDecided,
    begin,
    /** What this device has, whoever is there: to be ended. @returns {Promise<Session | null>} */
    async kept() {
      const kept = await keys.load();
      if (kept?.id !== record?.id) return kept && sessionOf(kept);
      // Who has signed out may still have it ended; a person who has signed in since may not.
      return current ?? (left && (await identity())?.person ? null : left);
    },
    /** What is kept without a session is the present visitor's: the page is asked once who that is. */
    async claim() {
      if (isClaimed || record || !isDecided) return;
      isClaimed = true;
      const before = forgotten;
      const who = await identity();
      isClaimed = !!who && before === forgotten;
      if (who && isClaimed) store.saveOwner(who.person);
    },
    /** What the tabs share by now. */
    async load() {
      const before = forgotten;
      const kept = await keys.load();
      return isDecided && before === forgotten ? become(kept) : current;
    },
    /**
     * The session of this browser, with what an earlier version has left in the storage.
     * Rejects with ApiError while that cannot be decided.
     * @param {string} locale
     */
    open: (locale) => (opening ??= open(locale)),
    /** @param {Session} session @param {string} locale */
    saveLocale(session, locale) {
      if (record?.id !== session.id) return;
      record.locale = locale;
      void keys.update(record);
    },
    /** It is over; another tab may have begun the next one already. @param {string} id */
    async leave(id) {
      if (record?.id !== id) return;
      record = current = null;
      become(await keys.remove(id));
    },
    /** Nothing of it stays on this device. @param {string} [id] any, unless given */
    async forget(id) {
      forgotten += 1;
      isClaimed = false;
      become(null);
      become(await keys.remove(id));
    },
  };
}
