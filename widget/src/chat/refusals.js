import { backoffMs } from './backoff.js';

/** @typedef {import('./api.js').ApiError} ApiError */
/**
 * @typedef {{act: 'wait', ms: number, firm: boolean}
 *   | {act: 'renew', keepHistory: boolean}
 *   | {act: 'block'}
 *   | {act: 'fail', reason: string}} Verdict
 */

// A server that refuses even a token it has just given must not send us round in circles.
const YOUNG_MS = 30_000;

/**
 * What to do about a refused send.
 * @param {ApiError} error
 * @param {{attempts: number, sessionAgeMs: number, random?: () => number}} state `attempts`: how
 *   often this message has been refused by now, this time included. `firm` waits are the server's
 *   own wish: nothing may cut them short
 * @returns {Verdict}
 */
export function judge(error, { attempts, sessionAgeMs, random }) {
  const { status, code } = error;
  if (status === 401 || status === 404) {
    return sessionAgeMs < YOUNG_MS
      ? { act: 'fail', reason: 'failed' }
      : { act: 'renew', keepHistory: status === 401 };
  }
  if (status === 429 && code !== 'over_limit') {
    return wait(error, Math.max(2000, backoffMs(attempts, 30_000, random)));
  }
  if (status === 0 || status >= 500 || status === 408) {
    return wait(error, backoffMs(attempts, 30_000, random));
  }
  if (code === 'conversation_blocked') return { act: 'block' };
  if (code === 'over_limit') return { act: 'fail', reason: 'failedLimit' };
  return { act: 'fail', reason: 'failedRefused' };
}

/** @param {ApiError} error @param {number} otherwiseMs @returns {Verdict} */
const wait = ({ retryAfterMs }, otherwiseMs) => ({
  act: 'wait',
  ms: retryAfterMs || otherwiseMs,
  firm: retryAfterMs > 0,
});
