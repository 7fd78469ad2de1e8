import { timeOf } from './text.js';

// A difference that nobody sees; smaller ones may be the way of the message to us.
const SMALL_MS = 90_000;

/**
 * What time it is where messages get theirs. The visitor's clock may be hours off, and then "today"
 * and what is on its way would stand among the messages in the wrong place.
 * @param {Pick<import('../types').Timers, 'now'>} timers
 */
export function createServerClock({ now }) {
  let aheadMs = 0;
  const at = () => now() + aheadMs;

  return {
    now: at,
    /** @param {import('../types').Message} message @param {boolean} live it was stored just now */
    observe({ createdAt }, live) {
      const ms = timeOf(createdAt) - at();
      // An old message tells only that it is later than that.
      if (live ? Math.abs(ms) > SMALL_MS : ms > SMALL_MS) aheadMs += ms;
    },
  };
}
