import { backoffMs } from './backoff.js';

/** @typedef {import('./http.js').ApiError} ApiError */
/**
 * @typedef {{act: 'wait', ms: number, firm: boolean}
 *   | {act: 'renew', keepHistory: boolean}
 *   | {act: 'block'}
 *   | {act: 'fail', reason: string, isUnavailable?: boolean}} Verdict `isUnavailable`: nobody can
 *   write here at the moment, so that the visitor needs another way
 */

/**
 * What to do about a refused send.
 * @param {ApiError} error
 * @param {{attempts: number, isUnproven: boolean, random?: () => number}} state `attempts`: how
 *   often this message has been refused by now, this time included. `isUnproven`: no message has
 *   gone into this conversation since it began here. `firm` waits are the server's own wish:
 *   nothing may cut them short
 * @returns {Verdict}
 */
export function judge(error, { attempts, isUnproven, random }) {
  const { status, code } = error;
  if (code === 'over_limit') return { act: 'fail', reason: 'failedLimit', isUnavailable: true };
  if (code === 'conversation_blocked') return { act: 'block' };
  if (status === 403 || (status > 0 && /^(tenant|identity)_/.test(code))) {
    const reason = /^origin_/.test(code) ? 'failedOrigin' : code === 'tenant_suspended' ? 'failedSuspended' : 'failed';
    return { act: 'fail', reason, isUnavailable: true };
  }
  if (status === 410 || status === 404) {
    // A server that ends even a session it has just begun must not send us round in circles.
    return isUnproven
      ? { act: 'fail', reason: 'failedExpired' }
      : { act: 'renew', keepHistory: status === 410 && code !== 'session_revoked' };
  }
  if (status === 401) return { act: 'fail', reason: 'failedExpired' }; // a fresh token, too
  if (status === 429) {
    return wait(error, Math.max(2000, backoffMs(attempts, 30_000, random)));
  }
  if (status === 0 || status >= 500 || status === 408) {
    return wait(error, backoffMs(attempts, 30_000, random));
  }
  return { act: 'fail', reason: 'failedRefused' };
}

/** @param {ApiError} error @param {number} otherwiseMs @returns {Verdict} */
const wait = ({ retryAfterMs }, otherwiseMs) => ({
  act: 'wait',
  ms: retryAfterMs || otherwiseMs,
  firm: retryAfterMs > 0,
});
