import { asMessage } from './frames.js';
import { createCall, unreadable } from './http.js';
import { tenantHint } from './look_api.js';

/** @typedef {import('../types').Message} Message */
/** @typedef {import('../types').History} History */
/** @typedef {import('../types').Started} Started */
/** @typedef {import('../types').Begun} Begun */

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
  const call = createCall(fetchImpl, hint);
  // A service worker of the page may keep every answer for ever: no address is asked twice.
  const visit = Math.random().toString(36).slice(2);
  let looks = 0;

  /** @param {string} id */
  const path = (id) => `${base}/${encodeURIComponent(id)}`;
  /** @param {string} id */
  const session = (id) => `${sessions}/${encodeURIComponent(id)}`;

  /**
   * What the page has got wrong must not stand between its visitor and an answer: that alone is left out.
   * @param {string} url @param {string} token @param {Record<string, unknown>} body @returns {Promise<any>}
   */
  const forgiving = (url, token, body) =>
    call('POST', url, token, body).catch((error) => {
      const wrong = /^identity_/.test(error.code) ? 'identity' : error.field;
      if (!body[wrong]) throw error;
      return forgiving(url, token, { ...body, [wrong]: undefined });
    });

  return {
    /**
     * @param {{name?: string, locale?: string, public_key: JsonWebKey, identity?: string}} customer
     * @param {string} earlier the token of a conversation to go on with; '' for a new one
     * @param {Record<string, unknown>} [said] where the visitor is, in the page's words
     * @returns {Promise<Begun>}
     */
    async begin(customer, earlier, said = {}) {
      const begin = (query = '') => forgiving(sessions + query, earlier, { ...customer, ...said });
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
    /** @param {string} id @param {string} challenge @param {string} signature @param {string} [page] @returns {Promise<{token: string, expires_in: number}>} */
    async renew(id, challenge, signature, page) {
      const answer = await forgiving(`${session(id)}/token`, '', { challenge, signature, page });
      return answer.token ? answer : unreadable();
    },
    /** @param {string} id of a session @param {string} token @param {string} path after its conversations */
    earlier: (id, token, path) =>
      call('GET', `${session(id)}/conversations${path}${path.includes('?') ? '&' : '?'}_=${visit}${(looks += 1)}`, token),
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
    /** @param {string} id @param {string} token @param {object} receipts as a socket sends them */
    receipts: (id, token, receipts) =>
      call('POST', `${origin}/v2/conversations/${encodeURIComponent(id)}/receipts`, token, receipts),
    /** @param {string} id @param {string} token @param {string} locale */
    setLocale: (id, token, locale) => call('PATCH', `${path(id)}/locale`, token, { locale }),
  };
}
