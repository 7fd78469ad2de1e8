/** @typedef {ReturnType<typeof import('./conversation.js').createConversation>} Conversation */

// Answers to a conversation that is over can still come: they are looked for this often.
const LOOK_MS = 60_000;
const FRESH_MS = 24 * 3600 * 1000;

/**
 * The conversations before the current one, which can only be read, until the page is left.
 * Oldest first.
 * @param {{timers: import('../types').Timers, isHidden: () => boolean}} deps
 */
export function createPast({ timers, isHidden }) {
  /** @type {{conversation: Conversation, since: number}[]} */
  let rows = [];
  let timer = 0;

  function watch() {
    timers.clear(timer);
    timer = timers.set(() => {
      for (const { conversation, since } of rows) {
        if (!isHidden() && timers.elapsed() - since < FRESH_MS) conversation.sync();
      }
      if (rows.length) watch();
    }, LOOK_MS);
  }

  return {
    all: () => rows.map((row) => row.conversation),
    hasMessages: () => rows.some((row) => row.conversation.lastSeq() > 0),
    /** @param {Conversation} conversation the current one until now */
    add(conversation) {
      rows = [...rows, { conversation, since: timers.elapsed() }];
      watch();
    },
    forget() {
      rows.forEach((row) => row.conversation.disconnect());
      rows = [];
    },
    stop() {
      timers.clear(timer);
      rows.forEach((row) => row.conversation.disconnect());
    },
  };
}
