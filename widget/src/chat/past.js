/** @typedef {ReturnType<typeof import('./conversation.js').createConversation>} Conversation */

// Answers to a conversation whose token is over can still come: they are looked for this often.
const LOOK_MS = 60_000;
const FRESH_MS = 24 * 3600 * 1000;

/**
 * The conversations before the current one, which can only be read. Oldest first.
 * @param {{
 *   store: ReturnType<typeof import('./store.js').createStore>,
 *   timers: import('../types').Timers,
 *   isHidden: () => boolean,
 *   make: (id: string) => Conversation,
 * }} deps
 */
export function createPast({ store, timers, isHidden, make }) {
  /** @type {Conversation[]} */
  let conversations = [];
  let timer = 0;

  function watch() {
    timer = timers.set(() => {
      const fresh = store.past().filter((row) => timers.now() - row.endedAt < FRESH_MS);
      const ids = new Set(fresh.map((row) => row.id));
      if (!isHidden()) conversations.forEach((each) => ids.has(each.id) && each.sync());
      watch();
    }, LOOK_MS);
  }

  return {
    all: () => conversations,
    hasMessages: () => conversations.some((each) => each.lastSeq() > 0),
    /** @param {Conversation} conversation the current one until now */
    add(conversation) {
      conversations = [...conversations, conversation];
    },
    /** @param {string | undefined} currentId */
    load(currentId) {
      const known = new Set([currentId, ...conversations.map((each) => each.id)]);
      const older = store.past().filter((row) => !known.has(row.id));
      conversations = [...older.map((row) => make(row.id)), ...conversations];
      conversations.forEach((each) => each.sync());
      watch();
    },
    forget() {
      conversations.forEach((each) => each.disconnect());
      conversations = [];
    },
    stop() {
      timers.clear(timer);
      conversations.forEach((each) => each.disconnect());
    },
  };
}
