import { ApiError } from './http.js';
import { backoffMs } from './backoff.js';
import { createConversation } from './conversation.js';
import { createEchoes } from './echoes.js';
import { createLocaleSync } from './locale_sync.js';
import { createPast } from './past.js';
import { createSender } from './sender.js';
import { createSessions } from './sessions.js';
import { createServerClock } from './server_clock.js';
import { cleanText, isFinal } from './text.js';

/** @typedef {import('../types').Session} Session */
/** @typedef {import('../types').Message} Message */
/** @typedef {import('../types').Frame} Frame */
/** @typedef {ReturnType<typeof createConversation>} Conversation */

// A stored message that did not come back through an "open" socket means that it is a dead one.
const ECHO_MS = 6000;

/**
 * The whole chat without its looks: which conversation is the current one, what is on its way out,
 * what has come in. The view draws `picture()` after each `onChange`.
 * @param {{
 *   api: ReturnType<typeof import('./api.js').createApi>,
 *   keys: ReturnType<typeof import('./key_store.js').createKeyStore>,
 *   store: ReturnType<typeof import('./store.js').createStore>,
 *   visitor: import('../types').Visitor,
 *   openSocket: (session: Session, on: {
 *     onFrame: (frame: Frame) => void, onLink: (link: import('../types').Link) => void,
 *     onRefused: () => void}) => ReturnType<typeof import('./socket.js').createSocket>,
 *   timers: import('../types').Timers,
 *   files: import('../types').FilesPart,
 *   tab: string,
 *   lock: import('../types').TabLock,
 *   makeId: () => string,
 *   locale: () => string,
 *   isOnline: () => boolean,
 *   isRefused: () => boolean,
 *   isHidden: () => boolean,
 *   onChange: () => void,
 *   onCleared: () => void,
 *   onOwn: () => void,
 *   onIncoming: (message: Message) => void,
 *   report: (error: unknown, hint?: string) => void,
 * }} deps `report` tells the page's developers; `isRefused`: the server lives and answers, only
 *   not to this page; `onCleared`: nothing that was kept here may come back; `onOwn`: what is kept
 *   here is the visitor's, who may see it
 */
export function createChat(deps) {
  const { api, store, timers } = deps;
  /** @type {Conversation | null} */
  let current = null;
  // The server has let nobody write lately.
  let unavailable = false;
  let isEnded = false;
  // It is not known yet whether there is a conversation.
  let isRestoring = false;
  let restoreFailures = 0;
  let restoreTimer = 0;
  const clock = createServerClock(timers);
  // What was written on this page is its present visitor's, whoever was here before.
  /** @type {Set<string>} */
  const written = new Set();
  const sessions = createSessions({
    ...deps,
    onStranger() {
      const ours = store.pending().filter(({ clientId }) => written.has(clientId));
      store.clear();
      ours.forEach(store.addPending);
      sweep();
      deps.onCleared();
      onChange();
    },
    onOver: (conversation) => past.add(readOnly(conversation)),
  });

  function onChange() {
    if (current && current.id === sessions.current()?.id) {
      store.saveSeenUpTo(current.id, current.lastSeq());
      current.tellSoon();
    }
    deps.onChange();
  }
  const echoes = createEchoes(store.pending);
  const past = createPast(deps);

  // A closed conversation's last line is one of the server's texts.
  const language = createLocaleSync({ ...deps, sessions, onTold: () => void current?.sync() });

  const sender = createSender({
    ...deps,
    sessions,
    customer: () => ({ name: name(), locale: deps.locale() }),
    tellLocale: language.sync,
    listening: async () => current?.listening(),
    onStarted: adopt,
    async onRenew(session, keepHistory, isRevoked) {
      if (session) await sessions.leave(session.id);
      leaveCurrent(keepHistory);
      if (isRevoked) past.forget();
      if (sessions.current()) follow(); // another tab has begun the next one
    },
    onSent(session, item, message, again) {
      unavailable = false;
      sweep();
      clock.observe(message, !again);
      echoes.confirm(message.id, item.clientId);
      const conversation = current?.id === session.id ? current : null;
      conversation?.sent(message);
      if (conversation) timers.set(() => conversation.expectEcho(message.id), ECHO_MS);
      onChange();
    },
    onFailed(clientId) {
      sweep();
      echoes.forget(clientId);
    },
    onBlocked: () => current?.block(),
    onUnavailable(error) {
      unavailable = true;
      deps.report(error, `${error.message} (${error.code})`);
    },
    onChange,
  });

  /** Files are kept no longer than they are to be sent. */
  const sweep = () => deps.files.sweep(store.pending().filter((item) => !isFinal(item.reason)).map(({ clientId }) => clientId));

  const name = () => {
    const saved = store.preference('name');
    return typeof saved === 'string' ? saved : '';
  };

  /** An earlier version's conversation, which is synced at once. @param {string} id */
  function readOnly(id) {
    const conversation = makeConversation(id, null, false);
    void conversation.sync();
    return conversation;
  }

  /** @param {string} id @param {Session | null} session @param {boolean} isNew */
  const makeConversation = (id, session, isNew) =>
    createConversation({
      id,
      session,
      isNew,
      api,
      timers,
      seenUpTo: () => store.seenUpTo(id),
      readUpTo: () => store.readUpTo(id),
      report: deps.report,
      onChange,
      onIncoming: deps.onIncoming,
      onUnknown() {
        if (current?.id !== id) return;
        void sessions.forget(id);
        leaveCurrent(false);
      },
      onRevoked() {
        if (current?.id === id) void sessions.forget(id).then(revoked, deps.report);
      },
      onInbound: (message, live) =>
        echoes.match({ id, isCurrent: sessions.current()?.id === id }, message, live),
      onMessage: clock.observe,
      onConnected: () => void language.sync(),
    });

  /** @param {Session} session @param {boolean} isNew nothing to load, it has just begun */
  function adopt(session, isNew) {
    if (current?.id === session.id) return;
    leaveCurrent(true);
    isEnded = false;
    const conversation = (current = makeConversation(session.id, session, isNew));
    conversation.connect(deps.openSocket);
    if (!isNew) conversation.sync();
    void language.sync(); // a new one as well: the language may have changed while it began
    onChange();
  }

  /** An agent has ended the session: this browser shows nothing of it any more. */
  function revoked() {
    follow();
    isEnded = !current;
    onChange();
  }

  /** @param {boolean} keepHistory */
  function leaveCurrent(keepHistory) {
    if (!current) return;
    current.leave();
    if (keepHistory) past.add(current);
    current = null;
    onChange();
  }

  /** Shows the session that the tabs share: at the start, and when another tab has changed it. */
  function follow() {
    const session = sessions.current();
    if (session) return adopt(session, false);
    leaveCurrent(false);
    past.forget();
  }

  function find() {
    const open = () => sessions.open(deps.locale());
    return store.earlierSession() ? deps.lock.run(open) : open();
  }

  /** Finds the session, and what an earlier version has left. */
  async function restore() {
    timers.clear(restoreTimer);
    isRestoring = true;
    onChange();
    try {
      await find();
      isRestoring = false;
      if (sessions.current()) follow();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      restoreFailures += 1;
      restoreTimer = timers.set(restore, error.retryAfterMs || Math.max(1000, backoffMs(restoreFailures)));
    }
    onChange();
  }

  /** Forgets everything on this device; the agents keep what they have. The next message begins anew. */
  async function clear() {
    store.clear();
    sweep();
    deps.onCleared();
    const forgotten = sessions.forget();
    follow();
    sender.kick();
    onChange();
    await forgotten;
  }

  function unread() {
    return current ? current.unreadAfter(store.readUpTo(current.id)) : 0;
  }

  return {
    start() {
      void restore()
        .catch(deps.report)
        .then(sender.kick);
    },
    /** Whether the visitor has a conversation here. */
    isActive: () => !!current,
    /** @param {string} text goes with the first file, if there are some @param {File[]} [blobs] */
    send(text, blobs = []) {
      /** @type {(File | null)[]} */
      const bodies = blobs.length ? blobs : [null];
      bodies.forEach((blob, at) => {
        const clientId = deps.makeId();
        written.add(clientId);
        if (blob) deps.files.keep(clientId, blob);
        store.addPending({
          clientId,
          text: at ? '' : cleanText(text),
          createdAt: new Date(clock.now()).toISOString(),
          tab: deps.tab,
          after: { id: current?.id ?? '', seq: current?.lastSeq() ?? 0 },
          state: 'sending',
          ...(blob ? { file: { name: blob.name, bytes: blob.size } } : {}),
        });
      });
      onChange();
      sender.kick();
    },
    claim: sessions.claim,
    retry: sender.retry,
    /** Takes a refused message back. @param {string} clientId @returns {string} its text */
    withdraw(clientId) {
      const item = store.pending().find((each) => each.clientId === clientId);
      store.removePending(clientId);
      sweep();
      onChange();
      return item?.text ?? '';
    },
    /** Rejects with ApiError when the server does not take the name. @param {string} wish */
    async rename(wish) {
      const session = sessions.current();
      let saved = wish;
      if (session) {
        try {
          saved = (await session.call((id, token) => api.rename(id, token, wish))).customerName;
        } catch (error) {
          // With a session that is over, the name goes along with the next conversation's start.
          if (!(error instanceof ApiError) || ![401, 404, 410].includes(error.status)) throw error;
        }
      }
      store.savePreference('name', saved);
      void sessions.claim();
      onChange();
    },
    clear,
    /** The same, and the server ends the session. Rejects with ApiError when it could not be told. */
    async forget() {
      /** @param {Promise<unknown>} work @returns {Promise<any>} its error, if it has one */
      const errorOf = (work) =>
        work.then(
          () => null,
          (error) => error,
        );
      // The page may ask before it is known what there is, and after its visitor has signed out.
      const kept = await sessions.kept();
      const missed = kept || !store.earlierSession() ? null : await errorOf(find());
      const session = kept ?? sessions.current();
      const told = session && errorOf(session.call((_, token) => api.end(session.id, token)));
      await clear(); // whatever the server says
      const error = told ? await told : missed;
      if (error && error.status !== 410 && error.status !== 404) throw error;
    },
    /** Looks at a message again: the addresses of its files are over. @param {{conversation: string, seq: number}} at */
    renew: ({ conversation, seq }) => [...past.all(), current].find((each) => each?.id === conversation)?.renew(seq),
    sessionId: () => sessions.current()?.id ?? '',
    /** What the visitor has talked about before. Rejects with ApiError. @param {string} path */
    async earlier(path) {
      const session = sessions.current();
      return session?.call((_, token) => api.earlier(session.id, token, path));
    },
    /** What time it is for the server, in ms. */
    now: clock.now,
    /** After `deps.locale()` has changed. */
    localeChanged: () => void language.sync(),
    markRead() {
      if (!current || unread() === 0) return;
      store.saveReadUpTo(current.id, current.lastSeq());
      onChange();
    },
    /** The network is back, or the visitor is: look at once what has happened meanwhile. */
    refresh() {
      if (isRestoring) void restore().catch(deps.report);
      current?.refresh();
      void language.sync();
      sender.kick();
      onChange();
    },
    /** @param {string} key */
    storageChanged(key) {
      if (key === 'seen') return; // nothing to draw, and drawing would write it in turn
      if (key === 'session') void sessions.load().then(follow, deps.report);
      if (key === 'pending') {
        sweep();
        if (current?.link() !== 'open') current?.sync(); // else the socket brings it
        sender.kick();
      }
      onChange();
    },
    /** Lets the page be frozen (back/forward cache). */
    pause: () => current?.disconnect(),
    resume() {
      void sessions.load().then(() => {
        follow();
        current?.connect(deps.openSocket);
        void current?.sync();
      }, deps.report);
    },
    stop() {
      timers.clear(restoreTimer);
      sender.stop();
      language.stop();
      past.stop();
      current?.disconnect();
    },
    /** @returns {import('../types').Picture} */
    picture() {
      return {
        segments: [...past.all(), ...(current ? [current] : [])].map((each) => each.segment()),
        pending: store
          .pending()
          .filter(({ clientId }) => !echoes.isKnown(clientId) && (sessions.isDecided() || written.has(clientId))),
        aliases: echoes.aliases,
        phase: current?.phase() ?? (past.hasMessages() ? 'ready' : isRestoring && store.sessionId() ? 'loading' : 'empty'),
        link: current?.link() ?? 'off',
        online: deps.isOnline(),
        reachable: current?.isReachable() ?? true,
        stalled: sender.isStalled(),
        closed: current?.isClosed() ?? false,
        closedNote: current?.closedNote() ?? '',
        blocked: current?.isBlocked() ?? false,
        expired: current?.isExpired() ?? false,
        unavailable: unavailable || deps.isRefused() || (current?.isUnavailable() ?? false),
        now: clock.now(),
        ended: isEnded,
        agent: current?.agent() ?? '',
        typing: current?.typing() ?? '',
        unread: unread(),
        name: sessions.isDecided() ? name() : '',
      };
    },
  };
}
