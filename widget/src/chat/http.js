import { decode, encode } from '../wire.js';
import { NoAnswer } from './look_api.js';

const TIMEOUT_MS = 15_000;
/** What has ended a session, where that says more than that it has ended. */
const ENDED = /** @type {Record<string, [number, string]>} */ ({
  blocked: [403, 'conversation_blocked'],
  revoked: [410, 'session_revoked'],
  erased: [404, 'conversation_not_found'],
});

/** An answer other than 2xx, or none at all: then `status` is 0 and the request may have arrived. */
export class ApiError extends NoAnswer {
  /**
   * @param {number} status @param {string} code @param {string} message @param {number} [retryAfterMs]
   * @param {string} [field] of the body, which the server does not take
   */
  constructor(status, code, message, retryAfterMs = 0, field = '') {
    super(status, message);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
    this.field = field;
  }
}

/**
 * Makes a call of the server's API, which rejects with ApiError and nothing else.
 * @param {typeof fetch} fetchImpl
 * @param {string} hint the query that names the tenant, '' for none
 */
export function createCall(fetchImpl, hint) {
  /**
   * @param {string} method
   * @param {string} url
   * @param {string} token
   * @param {object} [body]
   * @returns {Promise<any>}
   */
  return async function call(method, url, token, body) {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
    // Each call says whose it is: a browser's preflight has no token that could say it.
    const address = hint ? `${url}${url.includes('?') ? '&' : '?'}${hint}` : url;
    try {
      const response = await fetchImpl(address, {
        method,
        headers: {
          ...(body ? { 'Content-Type': 'application/json' } : {}),
          ...(token ? { Authorization: `Bearer ${token}` } : {}),
        },
        ...(body ? { body: encode(body) } : {}),
        credentials: 'omit',
        cache: 'no-store',
        keepalive: method !== 'GET', // a message survives a click that leaves the page
        signal: abort.signal,
      });
      const answer = read(await response.text());
      if (!response.ok) throw refusal(response, answer);
      return answer ?? (response.status === 204 ? {} : unreadable());
    } catch (error) {
      if (error instanceof ApiError) throw error;
      throw new ApiError(0, 'no_answer', String(error));
    } finally {
      clearTimeout(timer);
    }
  };
}

/** Null for what is no JSON: a proxy's page, say. @param {string} text */
function read(text) {
  try {
    return decode(text);
  } catch {
    return null;
  }
}

/** Something else than our server has answered (a captive portal, say). @returns {never} */
export function unreadable() {
  throw new ApiError(0, 'unreadable_answer', 'Not an answer of the customer API.');
}

/** @param {Response} response @param {any} answer */
function refusal(response, answer) {
  const { code, message, details } = answer?.error ?? {};
  // Another origin may read the header only when the server exposes it; the body may have it too.
  const seconds = Number(response.headers.get('Retry-After') ?? details?.retry_after ?? 0);
  const ended = code === 'session_ended' && ENDED[details?.reason];
  // A proxy's 404, while the server is away, says nothing about the session.
  const status = [404, 410].includes(response.status) && !code ? 0 : response.status;
  return new ApiError(
    ended ? ended[0] : status,
    ended ? ended[1] : typeof code === 'string' ? code : '',
    typeof message === 'string' ? message : '',
    seconds > 0 ? seconds * 1000 : 0,
    `${details?.field ?? ''}`,
  );
}
