/** @typedef {import('../types').Message} Message */

/**
 * Which stored message is which written one. The socket's echo may come before the POST's answer: until
 * then the bubble that is already there stands for the echo. A socket names the client id, history
 * does not.
 * @param {() => import('../types').PendingMessage[]} pending
 */
export function createEchoes(pending) {
  /** Message id → client id. @type {Map<string, string>} */
  const aliases = new Map();

  /** @param {string} clientId */
  const forget = (clientId) =>
    aliases.forEach((value, key) => value === clientId && aliases.delete(key));

  /** @param {string} messageId @param {string} clientId */
  function confirm(messageId, clientId) {
    forget(clientId);
    aliases.set(messageId, clientId);
  }

  /** @param {string} clientId */
  const isKnown = (clientId) => [...aliases.values()].includes(clientId);

  return {
    aliases,
    confirm,
    forget,
    isKnown,
    /**
     * A message of the visitor has come in that may be the echo of one that is on its way.
     * @param {{id: string, isCurrent: boolean}} conversation
     * @param {Message} message
     * @param {boolean} live false for old history, where the same words may have been said before
     */
    match({ id, isCurrent }, message, live) {
      if (aliases.has(message.id)) return;
      const waiting = pending().find(
        (item) =>
          item.state !== 'failed' &&
          !isKnown(item.clientId) &&
          (message.clientId
            ? item.clientId === message.clientId
            : item.text === message.text &&
              !item.file === !message.files &&
              (live || (item.after?.id === id ? message.seq > item.after.seq : isCurrent))),
      );
      if (waiting) confirm(message.id, waiting.clientId);
    },
  };
}
