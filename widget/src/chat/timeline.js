/** @typedef {import('../types').Message} Message */

/**
 * The messages of one conversation, each once, in the order of `seq`, however they arrive: pushed,
 * fetched, answered, twice, out of order.
 */
export function createTimeline() {
  /** @type {Map<string, Message>} */
  const byId = new Map();
  /** @type {Message[]} */
  let ordered = [];
  // Everything up to here is known to be complete; history is asked for what comes after.
  let completeUpTo = 0;

  const order = () => {
    ordered = [...byId.values()].sort((a, b) => a.seq - b.seq);
    for (const { seq } of ordered) if (seq === completeUpTo + 1) completeUpTo = seq;
  };

  /** What was taken back stays so, whatever was read before. @param {Message} message */
  const merge = (message) => {
    const known = byId.get(message.id);
    return { ...known, ...message, deleted: !!(known?.deleted || message.deleted) };
  };

  return {
    /** False when nothing changed. An edited text replaces the old one. @param {Message} message */
    add(message) {
      const known = byId.get(message.id);
      const merged = merge(message);
      if (known && known.text === merged.text && known.agent === merged.agent && known.deleted === merged.deleted) return false;
      byId.set(message.id, merged);
      order();
      return true;
    },
    /** @param {string} id @param {string} text @param {boolean} [deleted] */
    edit(id, text, deleted) {
      const known = byId.get(id);
      if (known) this.add({ ...known, text, deleted });
    },
    /**
     * Takes a whole history answer, which is complete up to its last message.
     * @param {Message[]} messages
     * @returns {Message[]} the ones that were new
     */
    addHistory(messages) {
      const fresh = messages.filter(({ id, deleted }) => !deleted && !byId.has(id));
      for (const message of messages) byId.set(message.id, merge(message));
      completeUpTo = Math.max(completeUpTo, ...messages.map((message) => message.seq));
      order();
      return fresh;
    },
    /** History has nothing for the gaps that are left: they are no gaps. */
    acceptGaps() {
      completeUpTo = ordered[ordered.length - 1]?.seq ?? completeUpTo;
    },
    /** @param {string} id */
    has: (id) => byId.has(id),
    /** Without those that were taken back, whose places count all the same. */
    messages: () => ordered.filter(({ deleted }) => !deleted),
    completeUpTo: () => completeUpTo,
    lastSeq: () => ordered[ordered.length - 1]?.seq ?? 0,
    hasGap: () => (ordered[ordered.length - 1]?.seq ?? 0) > completeUpTo,
    /** Of the newest message from the agents' side; 0 without one. */
    lastOutboundSeq: () => Math.max(0, ...ordered.map(({ seq, direction }) => (direction === 'OUTBOUND' ? seq : 0))),
    /** @param {string} id */
    seqOf: (id) => byId.get(id)?.seq ?? 0,
    /** Messages from the agents' side after `seq`. @param {number} seq */
    countOutboundAfter: (seq) =>
      ordered.filter((one) => one.seq > seq && one.direction === 'OUTBOUND' && !one.deleted).length,
  };
}
