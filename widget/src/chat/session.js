import { decode } from '../wire.js';
import { ApiError } from './http.js';

/** @typedef {import('../types').Session} Session */
/** @typedef {import('../types').SessionRecord} SessionRecord */

// A token is renewed this long before its end, or at half of its life if that comes later.
const MARGIN_MS = 60_000;

/**
 * The right to use one conversation. Its token lives in memory for some minutes and is renewed by a signed
 * challenge when a call needs one. Durations are the server's, measured on a clock that nobody sets.
 * @param {{
 *   record: SessionRecord,
 *   api: ReturnType<typeof import('./api.js').createApi>,
 *   keys: Pick<ReturnType<typeof import('./key_store.js').createKeyStore>, 'sign'>,
 *   timers: Pick<import('../types').Timers, 'elapsed'>,
 *   page: () => string | undefined,
 *   first?: {conversation: string, token: string, seconds: number},
 * }} deps `first`: the token that came with the session
 * @returns {Session}
 */
export function createSession({ record, api, keys, timers, page, first }) {
  let conversation = first?.conversation ?? '';
  /** @type {{token: string, until: number} | null} */
  let held = first ? hold(first.token, first.seconds, timers.elapsed()) : null;
  /** @type {Promise<{token: string, until: number}> | null} */
  let renewing = null;

  /** @param {string} token @param {number} seconds @param {number} since */
  function hold(token, seconds, since) {
    const ms = seconds * 1000;
    return { token, until: since + Math.max(ms / 2, ms - MARGIN_MS) };
  }

  async function renew() {
    try {
      const since = timers.elapsed();
      const { challenge } = await api.challenge(record.id);
      const answer = await api.renew(record.id, challenge, await signed(challenge), page());
      conversation = subjectOf(answer.token) || conversation;
      return (held = hold(answer.token, answer.expires_in, since));
    } catch (error) {
      throw asRenewalError(error);
    } finally {
      renewing = null;
    }
  }

  /** @param {string} challenge */
  function signed(challenge) {
    // A key that cannot sign any more opens nothing.
    return keys.sign(/** @type {CryptoKeyPair} */ (record.keys), challenge).catch(() => ended());
  }

  async function access() {
    if (held && timers.elapsed() < held.until) return held;
    if (!record.keys) return ended();
    renewing ??= renew();
    return renewing;
  }

  return {
    id: record.id,
    locale: () => record.locale,
    conversation: () => conversation,
    async call(use) {
      const { token } = await access();
      try {
        return await use(conversation, token);
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 401) throw error;
        // Over earlier than thought: the machine has slept, or the server changed its keys.
        if (held?.token === token) held = null;
        return use(conversation, (await access()).token);
      }
    },
  };
}

/** @returns {never} */
function ended() {
  throw new ApiError(410, 'session_ended', '');
}

/** What a refused renewal means for the call that needed it. @param {unknown} error */
function asRenewalError(error) {
  if (!(error instanceof ApiError)) return error;
  const { status, code } = error;
  // Unknown to the server, or of another key: as over as an ended one.
  if (code === 'session_not_found' || code === 'signature_invalid') {
    return new ApiError(410, 'session_ended', '');
  }
  // The challenge has come too late: the next attempt gets another one.
  return status === 401 ? new ApiError(0, code, '') : error;
}

/** The conversation, or the person, that a token is for. @param {string} token @returns {string} */
export function subjectOf(token) {
  try {
    const { sub } = decode(atob((token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/')));
    return typeof sub === 'string' ? sub : '';
  } catch {
    return '';
  }
}
