import { timeOf } from './text.js';

/** @typedef {import('../types').PendingMessage} PendingMessage */
/** @typedef {{id: string, token: string, locale: string}} Earlier */

/**
 * What the widget remembers in this browser, by name. Every read checks the shape: the storage
 * belongs to the host page, so anything may be in it. All tabs of the page share it. Nothing in it opens
 * a conversation.
 * @param {ReturnType<typeof import('./storage.js').createStorage>} storage
 */
export function createStore(storage) {
  /** @returns {PendingMessage[]} */
  const pending = () =>
    rows(storage.get('pending')).filter(
      (row) => isText(row.clientId) && (isText(row.text) || (row.text === '' && isText(row.file?.name))) && !isNaN(timeOf(row.createdAt)),
    );

  /** @param {(rows: PendingMessage[]) => PendingMessage[]} change */
  const changePending = (change) => {
    const next = change(pending());
    storage.set('pending', next.length ? next : null);
  };

  /** @param {'read' | 'seen'} name @param {string} sessionId @returns {number} */
  const mark = (name, sessionId) => {
    const saved = storage.get(name);
    return saved?.id === sessionId ? +saved.seq || 0 : 0;
  };

  /** @param {string} name @returns {unknown} */
  const preference = (name) => rowOf(storage.get('preferences'))[name];
  /** @param {string} name @param {unknown} value */
  const savePreference = (name, value) =>
    storage.set('preferences', { ...rowOf(storage.get('preferences')), [name]: value });

  return {
    pending,
    /** The session that the tabs share, '' for none: tells them when it is another one. @returns {string} */
    sessionId: () => asText(storage.get('session')),
    /** @param {string} id */
    saveSessionId: (id) => storage.set('session', id || null),

    /** The conversation and token that an earlier version has left here. @returns {Earlier | null} */
    earlierSession() {
      const saved = storage.get('session');
      return isText(saved?.id) && isText(saved.token)
        ? { id: saved.id, token: saved.token, locale: asText(saved.locale) }
        : null;
    },
    /** @param {Earlier} earlier */
    saveEarlier: (earlier) => storage.set('session', earlier),
    /** @param {Earlier} earlier */
    forgetEarlier(earlier) {
      if (storage.get('session')?.id === earlier.id) storage.set('session', null);
    },

    /**
     * What is kept under an earlier version's conversation counts for the session, '' for none: the id of
     * a conversation opens it in the default tenant.
     * @param {string} earlierId @param {string} sessionId
     */
    moveMarks(earlierId, sessionId) {
      for (const name of ['read', 'seen']) {
        const saved = storage.get(name);
        if (saved?.id === earlierId) storage.set(name, sessionId ? { ...saved, id: sessionId } : null);
      }
      storage.set(`draft:${earlierId}`, null);
      changePending((all) =>
        all.map((row) => (row.after?.id === earlierId ? { ...row, after: { ...row.after, id: sessionId } } : row)),
      );
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

    /** Highest `seq` the visitor has seen. @param {string} sessionId */
    readUpTo: (sessionId) => mark('read', sessionId),
    /** @param {string} sessionId @param {number} seq */
    saveReadUpTo: (sessionId, seq) => storage.set('read', { id: sessionId, seq }),

    /** Highest `seq` that this browser has been told. @param {string} sessionId */
    seenUpTo: (sessionId) => mark('seen', sessionId),
    /** @param {string} sessionId @param {number} seq */
    saveSeenUpTo(sessionId, seq) {
      const seen = storage.get('seen');
      if (seen?.id !== sessionId || seq > seen.seq) storage.set('seen', { id: sessionId, seq });
    },

    /** @returns {string} */
    draft: () => asText(storage.get('draft:')),
    /** @param {string} text */
    saveDraft: (text) => storage.set('draft:', text || null),

    preference,
    savePreference,

    /** Whose name, draft and unsent messages these are, by the page's word; '' for nobody in particular. */
    owner: () => asText(preference('person')),
    /** @param {string} person */
    saveOwner: (person) => person === asText(preference('person')) || savePreference('person', person),

    /** Nothing of the visitor stays on this device, apart from their settings. */
    clear() {
      for (const key of ['session', 'pending', 'read', 'seen', 'draft:']) storage.set(key, null);
      savePreference('name', '');
      savePreference('person', '');
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
