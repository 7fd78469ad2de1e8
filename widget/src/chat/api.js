import { decode, encode } from '../wire.js';
import { asMessage } from './frames.js';

/** @typedef {import('../types').Message} Message */
/** @typedef {import('../types').History} History */
/** @typedef {import('../types').Started} Started */
/** @typedef {import('../types').Begun} Begun */

const TIMEOUT_MS = 15_000;
/** What has ended a session, where that says more than that it has ended. */
const ENDED = /** @type {Record<string, [number, string]>} */ ({
  blocked: [403, 'conversation_blocked'],
  erased: [404, 'conversation_not_found'],
});

/** An answer other than 2xx, or none at all: then `status` is 0 and the request may have arrived. */
export class ApiError extends Error {
  /** @param {number} status @param {string} code @param {string} message @param {number} retryAfterMs */
  constructor(status, code, message, retryAfterMs = 0) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * The customer API. Every call rejects with ApiError and nothing else.
 * @param {string} origin
 * @param {typeof fetch} fetchImpl
 * @param {{tenant?: string, key?: string}} [whose] without either, the server's default tenant
 */
export function createApi(origin, fetchImpl, whose = {}) {
  const base = `${origin}/v1/conversations`;
  const sessions = `${origin}/v2/sessions`;
  const hint = tenantHint(whose);
  // A service worker of the page may keep every answer for ever: no address is asked twice.
  const visit = Math.random().toString(36).slice(2);
  let looks = 0;

  /**
   * @param {string} method
   * @param {string} url
   * @param {string} token
   * @param {object} [body]
   * @param {RequestCache} [cache]
   * @returns {Promise<any>}
   */
  async function call(method, url, token, body, cache = 'no-store') {
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
        cache,
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
  }

  /** @param {string} id */
  const path = (id) => `${base}/${encodeURIComponent(id)}`;
  /** @param {string} id */
  const session = (id) => `${sessions}/${encodeURIComponent(id)}`;

  return {
    /**
     * @param {{name?: string, locale?: string, public_key: JsonWebKey}} customer
     * @param {string} earlier the token of a conversation to go on with; '' for a new one
     * @returns {Promise<Begun>}
     */
    async begin(customer, earlier) {
      /** @param {string} [query] @returns {Promise<Begun>} */
      const begin = (query = '') => call('POST', sessions + query, earlier, customer);
      // A page need not name the default tenant, but v2 never assumes it.
      const begun = await (hint || earlier ? begin() : begin('?t=default')).catch((error) => {
        // The server's name says another one.
        if (error.code === 'tenant_mismatch' && !hint) return begin();
        throw error;
      });
      return begun.session_id && begun.conversation_id && begun.token ? begun : unreadable();
    },
    /** @param {string} id of a session @returns {Promise<{challenge: string}>} */
    challenge: (id) => call('POST', `${session(id)}/challenge`, ''),
    /** @param {string} id @param {string} challenge @param {string} signature @returns {Promise<{token: string, expires_in: number}>} */
    async renew(id, challenge, signature) {
      const answer = await call('POST', `${session(id)}/token`, '', { challenge, signature });
      return answer.token ? answer : unreadable();
    },
    /** Ends the session for good. @param {string} id @param {string} token */
    end: (id, token) => call('DELETE', session(id), token),
    /** For one socket. @param {string} token @returns {Promise<string>} */
    async socketToken(token) {
      const answer = await call('POST', `${origin}/v2/ws/token`, token);
      return answer.token || unreadable();
    },
    /** @param {{name?: string, locale?: string}} customer @returns {Promise<Started>} */
    async start(customer) {
      const started = await call('POST', `${base}/start`, '', customer);
      return started.conversation_id && started.token ? started : unreadable();
    },
    /** @param {string} id @param {string} token @param {number} after @returns {Promise<History>} */
    history: (id, token, after) =>
      call('GET', `${path(id)}/messages?_=${visit}${(looks += 1)}${after ? `&after=${after}` : ''}`, token),
    /**
     * The same `clientId` again answers with the first message.
     * @param {string} id @param {string} token @param {string} text @param {string} clientId
     * @returns {Promise<Message>}
     */
    async send(id, token, text, clientId) {
      const answer = await call('POST', `${path(id)}/messages`, token, { text, client_id: clientId });
      return asMessage(answer.message) ?? unreadable();
    },
    /** @param {string} id @param {string} token @param {string} name @returns {Promise<{customerName: string}>} */
    rename: (id, token, name) => call('PATCH', `${path(id)}/name`, token, { name }),
    /** @param {string} id @param {string} token @param {string} locale */
    setLocale: (id, token, locale) => call('PATCH', `${path(id)}/locale`, token, { locale }),
    /** How the tenant's widget looks and speaks. @param {string} locale */
    config: (locale) =>
      call('GET', `${origin}/v2/widget/config?locale=${encodeURIComponent(locale)}`, '', undefined, 'default'),
    /** The tenant's own words, by key. @param {string} locale @returns {Promise<unknown>} */
    async translations(locale) {
      const names = [whose.tenant || whose.key || 'default', locale].map(encodeURIComponent);
      // Nothing private, and it seldom changes: the browser's cache may keep it.
      const answer = await call('GET', `${origin}/v1/i18n/${names.join('/')}`, '', undefined, 'default');
      return answer.entries;
    },
  };
}

/**
 * The query that names the tenant; a slug comes before a key, and neither is ''.
 * @param {{tenant?: string, key?: string}} whose
 */
export function tenantHint({ tenant, key }) {
  if (tenant) return `t=${encodeURIComponent(tenant)}`;
  return key ? `k=${encodeURIComponent(key)}` : '';
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
function unreadable() {
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
  );
}
