import { ApiError } from './http.js';
import { judge } from './refusals.js';
import { isFinal } from './text.js';

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
 *   sessions: ReturnType<typeof import('./sessions.js').createSessions>,
 *   timers: import('../types').Timers,
 *   files: import('../types').FilesPart,
 *   tab: string,
 *   lock: import('../types').TabLock,
 *   customer: () => {name: string, locale: string},
 *   tellLocale: () => Promise<void>,
 *   listening: () => Promise<void>,
 *   onStarted: (session: Session, isNew: boolean) => void,
 *   onSent: (session: Session, item: PendingMessage, message: import('../types').Message, again: boolean) => void,
 *   onFailed: (clientId: string) => void,
 *   onRenew: (session: Session | null, keepHistory: boolean, isRevoked: boolean) => Promise<void>,
 *   onBlocked: () => void,
 *   onUnavailable: (error: ApiError) => void,
 *   onChange: () => void,
 *   report: (error: unknown) => void,
 * }} deps `again`: an earlier attempt may have stored the message already
 */
export function createSender(deps) {
  const { api, store, sessions, timers, files, tab, lock } = deps;
  /** @type {Map<string, number>} */
  const attempts = new Map();
  /** When this tab first saw another's message, by client id. @type {Map<string, number>} */
  const seenAt = new Map();
  // The conversation that this page has begun and that has not taken a message yet.
  let unproven = '';
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
        const waitMs = await lock.run(sendNext).catch(broken);
        if (waitMs === null) continue;
        wanted = true;
        if (waitMs > 0) await pause(waitMs);
      }
    } finally {
      running = false;
    }
  }

  /** @param {number} ms */
  async function pause(ms) {
    await new Promise((/** @type {(value: void) => void} */ resolve) => {
      const timer = timers.set(resolve, ms);
      wake = () => {
        timers.clear(timer);
        resolve();
      };
    });
    wake = null;
    firm = false;
  }

  /** A fault of ours or of the page: the visitor sees it and can try again. @param {unknown} error */
  function broken(error) {
    deps.report(error);
    const item = store.pending().find((each) => each.state !== 'failed' && isOurs(each));
    if (!item) return null;
    fail(item.clientId, 'failed');
    return 0;
  }

  /** Null when there is nothing to send, else the ms until the next attempt. */
  async function sendNext() {
    const open = store.pending().filter((item) => item.state !== 'failed');
    // Tells as well whether the tabs share a session, and so whether another tab's messages are ours.
    if (!sessions.current() && open.some((item) => item.tab !== tab)) await sessions.load();
    let session = sessions.current();
    if (session) deps.onStarted(session, false);
    const orphan = open.find((each) => each.file && each.tab !== tab);
    if (orphan && (await files.isClosed(orphan.tab))) return fail(orphan.clientId, 'fileLost');
    const item = open.find(isOurs);
    if (!item) attempts.clear();
    if (stopped || !item) return open.length && !stopped ? 5000 : null;
    if (item.file && !files.has(item.clientId)) return fail(item.clientId, 'fileLost');
    try {
      session ??= await begin(item.clientId);
      if (!session) return 0;
      await deps.tellLocale(); // what the server says to this message is to be in that language
      if (!isWanted(item.clientId)) return 0;
      const message = await session.call((id, token) =>
        item.file ? files.send(id, token, item) : api.send(id, token, item.text, item.clientId),
      );
      if (unproven === session.id) unproven = '';
      const again = attempts.delete(item.clientId);
      seenAt.delete(item.clientId);
      store.removePending(item.clientId);
      deps.onSent(session, item, message, again);
      return 0;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return await refused(error, item, session);
    }
  }

  /** Tabs that cannot share a session have a conversation each. @param {PendingMessage} item */
  const isOurs = (item) =>
    item.tab === tab || (!item.file && sessions.isShared() && (lock.isShared() || isAbandoned(item.clientId)));

  /** @param {string} clientId of another tab's message */
  function isAbandoned(clientId) {
    const since = seenAt.get(clientId) ?? timers.elapsed();
    seenAt.set(clientId, since);
    return timers.elapsed() - since > FOREIGN_MS;
  }

  /** The visitor may have cleared the chat meanwhile. @param {string} clientId */
  const isWanted = (clientId) => store.pending().some((item) => item.clientId === clientId);

  /** @param {string} clientId what it begins with @returns {Promise<Session | null>} */
  async function begin(clientId) {
    const wanted = () => isWanted(clientId);
    const known = await sessions.open(deps.customer().locale);
    if (!wanted()) return null; // nor is the name, when it was another person's
    const { name, locale } = deps.customer();
    const session =
      known ??
      (await sessions.begin(name ? { name, locale } : { locale }, wanted).catch((error) => {
        // A name that the server does not take must not stand between the visitor and an answer.
        if (error instanceof ApiError && error.status === 400 && name) return sessions.begin({ locale }, wanted);
        throw error;
      }));
    if (!session) return null;
    const isNew = !known && session.conversation() !== ''; // else another tab was faster
    deps.onStarted(session, isNew);
    if (!isNew) return session;
    unproven = session.id;
    await deps.listening(); // what is said in answer to the first message is said only once
    return session;
  }

  /** @param {ApiError} error @param {PendingMessage} item @param {Session | null} session */
  async function refused(error, item, session) {
    if (!isWanted(item.clientId)) return 0; // taken back meanwhile
    const count = (attempts.get(item.clientId) ?? 0) + 1;
    attempts.set(item.clientId, count);
    const ofFile = item.file && files.reason(error, count);
    if (ofFile) return fail(item.clientId, ofFile);
    const isUnproven = !session || session.id === unproven;
    const verdict = judge(error, { attempts: count, isUnproven });
    if (verdict.act === 'renew') {
      await deps.onRenew(session, verdict.keepHistory, error.code === 'session_revoked');
      return 0;
    }
    if (verdict.act === 'wait') {
      firm = verdict.firm;
      deps.onChange();
      return verdict.ms;
    }
    if (verdict.act === 'block') deps.onBlocked();
    else if (verdict.isUnavailable) deps.onUnavailable(error);
    fail(item.clientId, verdict.act === 'fail' ? verdict.reason : 'failedBlocked');
    return 0;
  }

  /** @param {string} clientId @param {string} reason @returns {0} the ms until the next attempt */
  function fail(clientId, reason) {
    attempts.delete(clientId);
    store.updatePending(clientId, { state: 'failed', reason });
    deps.onFailed(clientId);
    deps.onChange();
    return 0;
  }

  return {
    kick,
    /** With what failed before it, so that the order stays. @param {string} clientId */
    retry(clientId) {
      const all = store.pending();
      const last = all.find((item) => item.clientId === clientId);
      for (const item of last ? all.slice(0, all.indexOf(last) + 1) : []) {
        if (item === last || (item.state === last?.state && !isFinal(item.reason))) {
          // Another tab's file is in that tab alone.
          const isHere = !item.file || files.has(item.clientId);
          store.updatePending(item.clientId, { state: 'sending', reason: '', ...(isHere && { tab }) });
        }
      }
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
