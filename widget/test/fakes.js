import { createChat } from '../src/chat/chat.js';
import { createStorage } from '../src/chat/storage.js';
import { createStore } from '../src/chat/store.js';
import { ApiError } from '../src/chat/http.js';

/** A clock that moves only when told to. */
export function createTimers(start = Date.parse('2026-03-05T10:00:00Z')) {
  let now = start;
  let lastId = 0;
  let wrongBy = 0;
  const due = new Map();
  return {
    now: () => now + wrongBy,
    elapsed: () => now,
    /** The visitor's clock is set. @param {number} ms ahead of the right time */
    setWrong: (ms) => (wrongBy = ms),
    right: () => now,
    set(fn, ms) {
      due.set((lastId += 1), { at: now + ms, fn });
      return lastId;
    },
    clear: (id) => due.delete(id),
    async advance(ms) {
      await settle();
      const end = now + ms;
      for (;;) {
        const [id, next] = [...due].sort((a, b) => a[1].at - b[1].at)[0] ?? [];
        if (!next || next.at > end) break;
        due.delete(id);
        now = Math.max(now, next.at);
        next.fn();
        await settle();
      }
      now = end;
      await settle();
    },
  };
}

/** Lets every promise that can go on go on. */
export async function settle() {
  for (let i = 0; i < 100; i += 1) await Promise.resolve();
}

/** localStorage in memory. */
export function createArea() {
  const values = new Map();
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => values.set(key, value),
    removeItem: (key) => values.delete(key),
    values,
  };
}

/** IndexedDB and WebCrypto in memory. Tabs with the same `area` see the same record. */
export function createKeys(area) {
  const change = async (next) => (area.record = next(area.record ?? null));
  return {
    isShared: () => true,
    load: () => change((present) => present),
    add: (record) => change((present) => present ?? record),
    update: (record) => change((present) => (present?.id === record.id ? record : present)),
    remove: (id) => change((present) => (id && present?.id !== id ? present : null)),
    makeKeys: async () => ({ privateKey: 'private', publicKey: 'public' }),
    publicKey: async () => ({ kty: 'EC' }),
    sign: async (_keys, challenge) => `signed ${challenge}`,
  };
}

/** The server's side of the customer API, as far as the widget can see it. */
export function createServer(timers) {
  const conversations = new Map();
  /** Session id → conversation id. */
  const sessions = new Map();
  const ended = new Map();
  let tokens = 0;
  const issue = (id) => `head.${btoa(JSON.stringify({ sub: id, n: (tokens += 1) }))}.tail`;
  const server = {
    conversations,
    sessions,
    starts: [],
    /** Renewals by sessions. */
    renewals: [],
    /** Tokens of these conversations are refused, though their session lives. */
    stale: new Set(),
    tokenSeconds: 300,
    issue,
    /** Ends a conversation's sessions. */
    end: (id, code = 'session_ended') => ended.set(id, code),
    /** What the widget has told: [by which way, receipts]. */
    receipts: [],
    renames: [],
    locales: [],
    /** Errors to answer with before answering properly, by call. */
    refuse: { start: [], challenge: [], renew: [], send: [], history: [], rename: [], setLocale: [], end: [] },
    /** 'before' pushes the echo ahead of the POST's answer, 'never' keeps it back. */
    echo: 'after',
    sockets: [],
    /** Sockets that a test opens itself, by connecting them once more. */
    slowSockets: false,
    add(id, direction, text, clientId) {
      const conversation = conversations.get(id);
      const known = clientId && conversation.byClientId.get(clientId);
      if (known) return known;
      const message = {
        id: `${id}-m${conversation.messages.length + 1}`,
        seq: conversation.messages.length + 1,
        createdAt: new Date(timers.right()).toISOString(),
        direction,
        text,
        ...(direction === 'OUTBOUND' ? { agent: 'Ana' } : {}),
      };
      conversation.messages.push(message);
      if (clientId) conversation.byClientId.set(clientId, message);
      return message;
    },
    push(id, frame) {
      for (const socket of server.sockets) if (socket.id === id && socket.open) socket.on.onFrame(frame);
    },
    reply(id, text) {
      const message = server.add(id, 'OUTBOUND', text);
      server.push(id, { kind: 'message', message });
      return message;
    },
    texts: () => [...conversations.values()].map(({ messages }) => messages.map(({ text }) => text)),
  };
  const refused = (call) => {
    const error = server.refuse[call].shift();
    if (error) throw error;
  };
  const over = (id) => new ApiError(410, ended.get(id) ?? 'session_ended', '');
  const check = (id, token) => {
    if (ended.has(id) && token) throw over(id);
    if (server.stale.has(token)) throw new ApiError(401, 'invalid_token', '');
  };
  const add = () => {
    const id = `c${server.starts.length}`;
    conversations.set(id, { messages: [], byClientId: new Map(), status: 'OPEN_UNCLAIMED' });
    return id;
  };
  server.api = {
    async start(customer) {
      refused('start');
      server.starts.push(customer);
      const id = add();
      return { conversation_id: id, token: issue(id) };
    },
    async begin({ public_key: _, ...customer }, earlier) {
      refused('start');
      if (earlier) check('', earlier);
      else server.starts.push(customer);
      const id = earlier ? JSON.parse(atob(earlier.split('.')[1])).sub : add();
      const sessionId = `s${sessions.size + 1}`;
      sessions.set(sessionId, id);
      return { session_id: sessionId, conversation_id: id, token: issue(id), expires_in: server.tokenSeconds };
    },
    async challenge(sessionId) {
      refused('challenge');
      if (!sessions.has(sessionId)) throw new ApiError(404, 'session_not_found', '');
      if (ended.has(sessions.get(sessionId))) throw over(sessions.get(sessionId));
      return { challenge: `challenge ${sessionId}` };
    },
    async renew(sessionId, challenge, signature) {
      refused('renew');
      if (signature !== `signed ${challenge}`) throw new ApiError(401, 'signature_invalid', '');
      server.renewals.push(sessionId);
      return { token: issue(sessions.get(sessionId)), expires_in: server.tokenSeconds };
    },
    async end(sessionId, token) {
      refused('end');
      check(sessions.get(sessionId), token);
      ended.set(sessions.get(sessionId), 'session_ended');
    },
    async history(id, token, after) {
      refused('history');
      check(id, token);
      const conversation = conversations.get(id);
      if (!conversation) throw new ApiError(404, 'conversation_not_found', '');
      const messages = conversation.messages.filter(({ seq }) => seq > after);
      const { status, closedNote, marks } = conversation;
      return { status, messages, closed_note: closedNote, receipts: token ? marks : undefined };
    },
    async send(id, token, text, clientId) {
      check(id, token);
      const early = server.refuse.send[0]?.stored ? server.add(id, 'INBOUND', text, clientId) : null;
      refused('send');
      const message = early ?? server.add(id, 'INBOUND', text, clientId);
      conversations.get(id).status = 'OPEN_UNCLAIMED';
      if (server.echo === 'before') server.push(id, { kind: 'message', message });
      if (server.echo === 'after') queueMicrotask(() => server.push(id, { kind: 'message', message }));
      return message;
    },
    async receipts(id, token, receipts) {
      check(id, token);
      server.receipts.push(['http', receipts]);
      return conversations.get(id).marks;
    },
    async rename(_id, _token, name) {
      refused('rename');
      server.renames.push(name);
      return { customerName: name };
    },
    async setLocale(_id, _token, locale) {
      refused('setLocale');
      server.locales.push(locale);
      return { locale };
    },
  };
  server.openSocket = (session, on) => {
    const socket = {
      get id() {
        return session.conversation();
      },
      on,
      open: false,
      connect() {
        if (server.slowSockets) return;
        socket.open = true;
        on.onLink('open');
      },
      send(frame) {
        server.receipts.push(['socket', frame]);
      },
      hurry() {},
      restarted: 0,
      restart() {
        socket.restarted += 1;
      },
      resume() {
        socket.connect();
      },
      stop() {
        socket.open = false;
        on.onLink('off');
      },
    };
    server.sockets.push(socket);
    return socket;
  };
  return server;
}

let pages = 0;

/** What a browser without locks between tabs has. */
export const NO_LOCK = { isShared: () => false, run: (work) => work() };

/** A page that says nothing of its visitor. */
const NOBODY = { page: () => undefined, said: () => ({}), identity: async () => ({ token: '', person: '' }) };

/** A browser tab with a chat in it. Tabs with the same `area` are tabs of one browser. */
export function createTab({
  timers, server, area = createArea(), tab = 'tab1', lock = NO_LOCK, locale = () => 'en', report = () => undefined,
  isRefused = () => false, keys = createKeys(area), visitor = NOBODY, onCleared = () => undefined,
  onOwn = () => undefined,
}) {
  const store = createStore(createStorage('p:', area));
  const incoming = [];
  const page = (pages += 1);
  let ids = 0;
  const chat = createChat({
    api: server.api,
    files: createFakeFiles(server),
    keys,
    store,
    visitor,
    openSocket: server.openSocket,
    timers,
    tab,
    lock,
    makeId: () => `${tab}-${page}-${(ids += 1)}`,
    locale,
    isOnline: () => true,
    isRefused,
    report,
    isHidden: () => false,
    onChange: () => undefined,
    onCleared,
    onOwn,
    onIncoming: (message) => incoming.push(message.text),
  });
  /** What stands on the screen, states of messages on their way in brackets. */
  const screen = () => {
    const { segments, pending } = chat.picture();
    return [
      ...segments.flatMap(({ messages }) => messages.map(({ text }) => text)),
      ...pending.map(({ text, state }) => `${text} [${state}]`),
    ];
  };
  return { chat, store, area, screen, incoming };
}

export { ApiError };

/** Files in a tab's memory, and the server that takes them. */
export function createFakeFiles(server) {
  const kept = new Map();
  return {
    keep: (id, file) => kept.set(id, file),
    has: (id) => kept.has(id),
    sweep: (ids) => [...kept.keys()].forEach((id) => ids.includes(id) || kept.delete(id)),
    send: (conversation, token, item) => server.api.sendFile(conversation, token, item),
    reason: ({ status, code }) => (status === 415 ? 'fileRefusedKind' : code === 'attachments_full' ? 'fileFailedFull' : ''),
    isClosed: async (tab) => tab === 'closed',
    said: () => '',
    isGone: () => false,
  };
}
