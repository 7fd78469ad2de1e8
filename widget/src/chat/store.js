import { timeOf } from './text.js';

/** @typedef {import('../types').Session} Session */
/** @typedef {import('../types').PastConversation} PastConversation */
/** @typedef {import('../types').PendingMessage} PendingMessage */

const PAST_KEPT = 3;
const PAST_AGE_MS = 7 * 24 * 3600 * 1000;

/**
 * What the widget remembers in this browser, by name. Every read checks the shape: the storage
 * belongs to the host page, so anything may be in it. All tabs of the page share it.
 * @param {ReturnType<typeof import('./storage.js').createStorage>} storage
 * @param {() => number} now
 */
export function createStore(storage, now) {
  /** @returns {Session | null} */
  const session = () => {
    const saved = storage.get('session');
    return isText(saved?.id) && isText(saved.token)
      ? {
          id: saved.id,
          token: saved.token,
          locale: asText(saved.locale),
        }
      : null;
  };

  /** Whatever the clock says by now. @returns {PastConversation[]} */
  const everPast = () => rows(storage.get('past')).filter((row) => isText(row.id));

  /** @returns {PastConversation[]} oldest first */
  const past = () => everPast().filter((row) => now() - row.endedAt < PAST_AGE_MS);

  /** @returns {PendingMessage[]} */
  const pending = () =>
    rows(storage.get('pending')).filter(
      (row) => isText(row.clientId) && isText(row.text) && !isNaN(timeOf(row.createdAt)),
    );

  /** @param {(rows: PendingMessage[]) => PendingMessage[]} change */
  const changePending = (change) => {
    const next = change(pending());
    storage.set('pending', next.length ? next : null);
  };

  return {
    session,
    past,
    pending,
    /** @param {Session} value */
    saveSession: (value) => storage.set('session', value),
    /** The server does not know it any more: nothing to read there either. */
    forgetSession: () => storage.set('session', null),
    /** Its token is over: it stays readable, and the next message begins a new conversation. */
    archiveSession() {
      const ended = session();
      if (!ended) return;
      const others = everPast().filter((row) => row.id !== ended.id);
      storage.set('past', [...others, { id: ended.id, endedAt: now() }].slice(-PAST_KEPT));
      storage.set('session', null);
    },

    /** @param {PendingMessage} message */
    addPending: (message) => changePending((all) => [...all, message]),
    /** @param {string} clientId */
    removePending: (clientId) =>
      changePending((all) => all.filter((row) => row.clientId !== clientId)),
    /** @param {string} clientId @param {Partial<PendingMessage>} change */
    updatePending: (clientId, change) =>
      changePending((all) =>
        all.map((row) => (row.clientId === clientId ? { ...row, ...change } : row)),
      ),

    /** Highest `seq` the visitor has seen. @param {string} conversationId @returns {number} */
    readUpTo(conversationId) {
      const read = storage.get('read');
      return read?.id === conversationId ? +read.seq || 0 : 0;
    },
    /** @param {string} conversationId @param {number} seq */
    saveReadUpTo: (conversationId, seq) => storage.set('read', { id: conversationId, seq }),

    /** Highest `seq` that this browser has been told. @param {string} conversationId @returns {number} */
    seenUpTo(conversationId) {
      const seen = storage.get('seen');
      return seen?.id === conversationId ? +seen.seq || 0 : 0;
    },
    /** @param {string} conversationId @param {number} seq */
    saveSeenUpTo(conversationId, seq) {
      const seen = storage.get('seen');
      if (seen?.id !== conversationId || seq > seen.seq) storage.set('seen', { id: conversationId, seq });
    },

    /** @param {string} conversationId '' before the first message @returns {string} */
    draft: (conversationId) => asText(storage.get(`draft:${conversationId}`)),
    /** @param {string} conversationId @param {string} text */
    saveDraft: (conversationId, text) => storage.set(`draft:${conversationId}`, text || null),

    /** @param {string} name @returns {unknown} */
    preference: (name) => rowOf(storage.get('preferences'))[name],
    /** @param {string} name @param {unknown} value */
    savePreference: (name, value) =>
      storage.set('preferences', { ...rowOf(storage.get('preferences')), [name]: value }),

    /** Nothing of the visitor stays on this device, apart from their settings. */
    clear() {
      const ids = ['', session()?.id, ...rows(storage.get('past')).map((row) => row.id)];
      for (const key of ['session', 'past', 'pending', 'read', 'seen', ...ids.map((id) => `draft:${id}`)]) {
        storage.set(key, null);
      }
      storage.set('preferences', { ...rowOf(storage.get('preferences')), name: '' });
    },

    ownKey: storage.ownKey,
  };
}

/** @param {unknown} value */
const isText = (value) => typeof value === 'string' && value !== '';
/** @param {unknown} value */
const asText = (value) => (typeof value === 'string' ? value : '');
/** @param {any} value @returns {any} */
const rowOf = (value) => (value && typeof value === 'object' ? value : {});
/** @param {any} value @returns {any[]} */
const rows = (value) => (Array.isArray(value) ? value.map(rowOf) : []);
