import { ApiError } from './api.js';
import { judge } from './refusals.js';

/** @typedef {import('../types').PendingMessage} PendingMessage */
/** @typedef {import('../types').Session} Session */

// Without locks between tabs, another tab's message is left to that tab for this long.
const FOREIGN_MS = 15_000;
// From here on the visitor is told that we are still trying.
const STALLED_AFTER = 2;

/**
 * Sends what the visitor wrote, strictly in order and one at a time, until each message is either
 * stored by the server or refused for good. The list lives in the store, so a reload or a closed
 * tab loses nothing; `client_id` makes every repetition harmless.
 * @param {{
 *   api: ReturnType<typeof import('./api.js').createApi>,
 *   store: ReturnType<typeof import('./store.js').createStore>,
 *   timers: import('../types').Timers,
 *   tab: string,
 *   lock: (<T>(work: () => Promise<T>) => Promise<T>) | null,
 *   customer: () => {name: string, locale: string},
 *   tellLocale: () => Promise<void>,
 *   listening: () => Promise<void>,
 *   onStarted: (session: Session) => void,
 *   onSent: (session: Session, item: PendingMessage, message: import('../types').Message) => void,
 *   isOver: (session: Session) => boolean,
 *   onFailed: (clientId: string) => void,
 *   onRenew: (keepHistory: boolean) => void,
 *   onBlocked: () => void,
 *   onChange: () => void,
 * }} deps
 */
export function createSender(deps) {
  const { api, store, timers, tab, lock } = deps;
  /** @type {Map<string, number>} */
  const attempts = new Map();
  let running = false;
  let wanted = false;
  let stopped = false;
  /** @type {(() => void) | null} */
  let wake = null;
  let firm = false;

  /** Starts sending, or cuts the present waiting short unless the server has asked for it. */
  function kick() {
    wanted = true;
    if (!firm) wake?.();
    if (!running && !stopped) void run();
  }

  async function run() {
    running = true;
    try {
      while (wanted && !stopped) {
        wanted = false;
        const waitMs = await (lock ? lock(sendNext) : sendNext());
        if (waitMs === null) continue;
        wanted = true;
        if (waitMs > 0) await pause(waitMs);
      }
    } finally {
      running = false;
    }
  }

  /** @param {number} ms */
  const pause = (ms) =>
    new Promise((/** @type {(value: void) => void} */ resolve) => {
      const timer = timers.set(resolve, ms);
      wake = () => {
        timers.clear(timer);
        resolve();
      };
    }).finally(() => {
      wake = null;
      firm = false;
    });

  /** Null when there is nothing to send, else the ms until the next attempt. */
  async function sendNext() {
    const open = store.pending().filter((item) => item.state !== 'failed');
    const item = open.find(isOurs);
    if (stopped || !item) return open.length && !stopped ? 5000 : null;
    let session = store.session();
    if (session && deps.isOver(session)) {
      deps.onRenew(true);
      session = null;
    }
    try {
      if (!session) {
        session = await start();
        await deps.listening(); // what is said in answer to the first message is said only once
      }
      await deps.tellLocale(); // what the server says to this message is to be in that language
      const message = await api.send(session.id, session.token, item.text, item.clientId);
      attempts.delete(item.clientId);
      store.removePending(item.clientId);
      deps.onSent(session, item, message);
      return 0;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return refused(error, item, session);
    }
  }

  /** @param {PendingMessage} item */
  const isOurs = (item) =>
    lock !== null || item.tab === tab || timers.now() - Date.parse(item.createdAt) > FOREIGN_MS;

  /** @returns {Promise<Session>} */
  async function start() {
    const { name, locale } = deps.customer();
    const named = name ? { name, locale } : { locale };
    const started = await api.start(named).catch((error) => {
      // A name that the server does not take must not stand between the visitor and an answer.
      if (error instanceof ApiError && error.status === 400 && name) return api.start({ locale });
      throw error;
    });
    const session = {
      id: started.conversation_id,
      token: started.token,
      startedAt: timers.now(),
      locale,
    };
    store.saveSession(session);
    deps.onStarted(session);
    return session;
  }

  /** @param {ApiError} error @param {PendingMessage} item @param {Session | null} session */
  function refused(error, item, session) {
    const count = (attempts.get(item.clientId) ?? 0) + 1;
    attempts.set(item.clientId, count);
    const sessionAgeMs = session ? timers.now() - session.startedAt : 0;
    const verdict = judge(error, { attempts: count, sessionAgeMs });
    if (verdict.act === 'renew') {
      deps.onRenew(verdict.keepHistory);
      return 0;
    }
    if (verdict.act === 'wait') {
      firm = verdict.firm;
      deps.onChange();
      return verdict.ms;
    }
    if (verdict.act === 'block') deps.onBlocked();
    fail(item.clientId, verdict.act === 'fail' ? verdict.reason : 'failed');
    return 0;
  }

  /** @param {string} clientId @param {string} reason */
  function fail(clientId, reason) {
    attempts.delete(clientId);
    store.updatePending(clientId, { state: 'failed', reason });
    deps.onFailed(clientId);
    deps.onChange();
  }

  return {
    kick,
    /** @param {string} clientId */
    retry(clientId) {
      store.updatePending(clientId, { state: 'sending', reason: '', tab });
      kick();
    },
    /** Whether the message in front has gone unanswered several times. */
    isStalled: () => [...attempts.values()].some((count) => count >= STALLED_AFTER),
    stop() {
      stopped = true;
      wake?.();
    },
  };
}
