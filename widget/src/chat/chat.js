import { ApiError } from './api.js';
import { createConversation } from './conversation.js';
import { createEchoes } from './echoes.js';
import { createLocaleSync } from './locale_sync.js';
import { createPast } from './past.js';
import { createSender } from './sender.js';
import { createServerClock } from './server_clock.js';
import { cleanText } from './text.js';

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
 *   store: ReturnType<typeof import('./store.js').createStore>,
 *   openSocket: (token: string, on: {
 *     onFrame: (frame: Frame) => void, onLink: (link: import('../types').Link) => void,
 *     onRefused: () => void}) => ReturnType<typeof import('./socket.js').createSocket>,
 *   timers: import('../types').Timers,
 *   tab: string,
 *   lock: import('../types').TabLock,
 *   makeId: () => string,
 *   locale: () => string,
 *   isOnline: () => boolean,
 *   isRefused: () => boolean,
 *   isHidden: () => boolean,
 *   onChange: () => void,
 *   onIncoming: (message: Message) => void,
 *   report: (error: unknown, hint?: string) => void,
 * }} deps `report` tells the page's developers; `isRefused`: the server lives and answers, only
 *   not to this page
 */
export function createChat(deps) {
  const { api, store, timers } = deps;
  /** @type {Conversation | null} */
  let current = null;
  // The server has let nobody write lately.
  let unavailable = false;
  const clock = createServerClock(timers);

  function onChange() {
    if (current && current.id === store.session()?.id) {
      store.saveSeenUpTo(current.id, current.lastSeq());
    }
    deps.onChange();
  }
  const echoes = createEchoes(store.pending);
  const past = createPast({ ...deps, make: (id) => makeConversation(id, false) });

  // A closed conversation's last line is one of the server's texts.
  const language = createLocaleSync({ ...deps, onTold: () => void current?.sync() });

  const sender = createSender({
    ...deps,
    customer: () => ({ name: name(), locale: deps.locale() }),
    tellLocale: language.sync,
    listening: async () => current?.listening(),
    onStarted: (session) => adopt(session, true),
    onRenew(keepHistory) {
      if (keepHistory) store.archiveSession();
      else store.forgetSession();
      leaveCurrent(keepHistory);
    },
    onSent(session, item, message, again) {
      unavailable = false;
      clock.observe(message, !again);
      echoes.confirm(message.id, item.clientId);
      const conversation = current?.id === session.id ? current : null;
      conversation?.sent(message);
      if (conversation) timers.set(() => conversation.expectEcho(message.id), ECHO_MS);
      onChange();
    },
    onFailed: echoes.forget,
    onBlocked: () => current?.block(),
    onUnavailable(error) {
      unavailable = true;
      deps.report(error, `${error.message} (${error.code})`);
    },
    onChange,
  });

  const name = () => {
    const saved = store.preference('name');
    return typeof saved === 'string' ? saved : '';
  };

  /** @param {string} id @param {boolean} isNew */
  const makeConversation = (id, isNew) =>
    createConversation({
      id,
      isNew,
      api,
      timers,
      seenUpTo: () => store.seenUpTo(id),
      report: deps.report,
      onChange,
      onIncoming: deps.onIncoming,
      onUnknown() {
        if (current?.id !== id) return;
        store.forgetSession();
        leaveCurrent(false);
      },
      onInbound: (message, live) =>
        echoes.match({ id, isCurrent: store.session()?.id === id }, message, live),
      onMessage: clock.observe,
      onConnected: () => void language.sync(),
    });

  /** @param {Session} session @param {boolean} isNew nothing to load, it has just begun */
  function adopt(session, isNew) {
    if (current?.id === session.id) return;
    leaveCurrent(true);
    const conversation = (current = makeConversation(session.id, isNew));
    conversation.connect(session.token, deps.openSocket);
    if (!isNew) conversation.sync();
    void language.sync(); // a new one as well: the language may have changed while it began
    onChange();
  }

  /** @param {boolean} keepHistory */
  function leaveCurrent(keepHistory) {
    if (!current) return;
    current.disconnect();
    if (keepHistory) past.add(current);
    current = null;
    onChange();
  }

  /** Follows the shared store: at the start, and when another tab has changed it. */
  function followStore() {
    const session = store.session();
    if (session) adopt(session, false);
    else if (current) leaveCurrent(store.past().some((row) => row.id === current?.id));
  }

  function unread() {
    return current ? current.unreadAfter(store.readUpTo(current.id)) : 0;
  }

  return {
    start() {
      followStore();
      past.load(current?.id);
      sender.kick();
    },
    /** @param {string} text */
    send(text) {
      store.addPending({
        clientId: deps.makeId(),
        text: cleanText(text),
        createdAt: new Date(clock.now()).toISOString(),
        tab: deps.tab,
        after: { id: current?.id ?? '', seq: current?.lastSeq() ?? 0 },
        state: 'sending',
      });
      onChange();
      sender.kick();
    },
    retry: sender.retry,
    /** Takes a refused message back. @param {string} clientId @returns {string} its text */
    withdraw(clientId) {
      const item = store.pending().find((each) => each.clientId === clientId);
      store.removePending(clientId);
      onChange();
      return item?.text ?? '';
    },
    /** Rejects with ApiError when the server does not take the name. @param {string} wish */
    async rename(wish) {
      const session = store.session();
      let saved = wish;
      if (session) {
        try {
          saved = (await api.rename(session.id, session.token, wish)).customerName;
        } catch (error) {
          // With a token that is over, the name goes along with the next conversation's start.
          if (!(error instanceof ApiError) || (error.status !== 401 && error.status !== 404)) throw error;
        }
      }
      store.savePreference('name', saved);
      onChange();
    },
    /** Forgets everything on this device; the agents keep what they have. The next message begins anew. */
    clear() {
      store.clear();
      leaveCurrent(false);
      past.forget();
      sender.kick();
      onChange();
    },
    /** After `deps.locale()` has changed. */
    localeChanged: () => void language.sync(),
    markRead() {
      if (!current || unread() === 0) return;
      store.saveReadUpTo(current.id, current.lastSeq());
      onChange();
    },
    draftKey: () => current?.id ?? '',
    /** The network is back, or the visitor is: look at once what has happened meanwhile. */
    refresh() {
      current?.refresh();
      void language.sync();
      sender.kick();
      onChange();
    },
    /** @param {string} key */
    storageChanged(key) {
      if (key === 'seen') return; // nothing to draw, and drawing would write it in turn
      if (key === 'session') followStore();
      if (key === 'past' && !store.past().length) past.forget(); // cleared in another tab
      if (key === 'pending') {
        if (current?.link() !== 'open') current?.sync(); // else the socket brings it
        sender.kick();
      }
      onChange();
    },
    /** Lets the page be frozen (back/forward cache). */
    pause: () => current?.disconnect(),
    resume() {
      const session = store.session();
      if (current && session?.id === current.id) current.connect(session.token, deps.openSocket);
      else followStore();
      current?.sync();
    },
    stop() {
      sender.stop();
      language.stop();
      past.stop();
      current?.disconnect();
    },
    /** @returns {import('../types').Picture} */
    picture() {
      return {
        segments: [...past.all(), ...(current ? [current] : [])].map((each) => each.segment()),
        pending: store.pending().filter((item) => !echoes.isKnown(item.clientId)),
        aliases: echoes.aliases,
        phase: current?.phase() ?? (past.hasMessages() ? 'ready' : 'empty'),
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
        agent: current?.agent() ?? '',
        unread: unread(),
        name: name(),
      };
    },
  };
}
