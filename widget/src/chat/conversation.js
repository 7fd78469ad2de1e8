import { ApiError } from './http.js';
import { backoffMs } from './backoff.js';
import { asMessage, marksIn } from './frames.js';
import { createTimeline } from './timeline.js';

/** @typedef {import('../types').Message} Message */
/** @typedef {import('../types').Note} Note */
/** @typedef {import('../types').Frame} Frame */

// What the visitor gets and sees is told together with what comes within this time.
const TELL_MS = 1000;
// So many messages are looked at once more, in case they were edited while we heard nothing.
const LOOK_BACK = 30;
// A first message waits this long at most for the socket that brings what is said to it.
const LISTEN_MS = 1500;
const STALE = "A service worker answers from its cache. Let it leave the chat's server alone.";

/**
 * One conversation as this browser sees it: history and pushes woven into one timeline, its state,
 * and the connection while it is the current one.
 * @param {{
 *   id: string,
 *   session: import('../types').Session | null,
 *   isNew: boolean,
 *   api: ReturnType<typeof import('./api.js').createApi>,
 *   timers: import('../types').Timers,
 *   seenUpTo: () => number,
 *   readUpTo: () => number,
 *   onChange: () => void,
 *   onIncoming: (message: Message) => void,
 *   onInbound: (message: Message, live: boolean) => void,
 *   onMessage: (message: Message, live: boolean) => void,
 *   onUnknown: () => void,
 *   onRevoked: () => void,
 *   onConnected: () => void,
 *   report: (error: unknown, hint?: string) => void,
 * }} deps `id` is the session's, or the conversation's own where an earlier version's is only read;
 *   `seenUpTo` is the newest `seq` that this browser has ever seen here, `readUpTo` the visitor
 */
export function createConversation({ id, session, isNew, api, timers, ...on }) {
  const timeline = createTimeline();
  /** @type {Note[]} */
  let notes = [];
  /** Ids that came through a socket. @type {Set<string>} */
  const echoed = new Set();
  /** @type {ReturnType<typeof import('./socket.js').createSocket> | null} */
  let socket = null;
  /** @type {import('../types').Link} */
  let link = 'off';
  /** @type {(() => void)[]} */
  const listeners = [];
  /** @type {import('../types').Picture['phase']} */
  let phase = isNew ? 'ready' : 'loading';
  let status = '';
  let closedNote = '';
  let noteCount = 0;
  // The first answer is no news: a person's conversation may have begun in another browser.
  let first = true;
  let syncing = false;
  let syncAgain = false;
  let syncFailures = 0;
  let syncTimer = 0;
  let readable = isNew;
  /** Why the server does not let us in: its code; '' as long as it does. */
  let refusal = '';
  /** How far the agents have come. @type {import('../types').Marks} */
  let marks = { delivered: 0, seen: 0 };
  /** How far we have come, as the server was last told. @type {import('../types').Marks} */
  let told = { delivered: 0, seen: 0 };
  let tellTimer = 0;
  let typing = '';
  let typingTimer = 0;
  let lookBack = 0;
  // Left behind: the default tenant's conversations can be read all the same.
  let isPast = !session;

  /** @param {number} after */
  const history = (after) =>
    session && !isPast
      ? session.call((conversation, token) => api.history(conversation, token, after))
      : api.history(session?.conversation() ?? id, '', after);

  /** Fetches what is new. Calls during a call are joined into one more call. */
  async function sync() {
    if (isPast && session?.conversation() === '') return;
    if (syncing) {
      syncAgain = true;
      return;
    }
    syncing = true;
    timers.clear(syncTimer);
    try {
      const after = Math.max(0, timeline.completeUpTo() - lookBack);
      lookBack = 0;
      const known = Math.max(timeline.lastSeq(), on.seenUpTo());
      const answer = await history(after);
      readable = true;
      if (refusal) socket?.resume();
      refusal = '';
      if (take(answer, after, known)) syncFailures = 0;
      else retrySync(0);
    } catch (error) {
      if (!(error instanceof ApiError)) on.report(error);
      failed(error instanceof ApiError ? error : new ApiError(0, 'fault', ''));
    }
    syncing = false;
    on.onChange();
    if (syncAgain) {
      syncAgain = false;
      void sync();
    }
  }

  /**
   * False when it is older than what has been seen before: a service worker of the page has
   * answered from its cache. What was said is true all the same, but not how things stand.
   * @param {import('../types').History} answer
   * @param {number} after
   * @param {number} known
   */
  function take(answer, after, known) {
    const messages = (Array.isArray(answer.messages) ? answer.messages : [])
      .map(asMessage)
      .filter((message) => message !== null);
    const newest = messages.reduce((most, { seq }) => Math.max(most, seq), after);
    const fresh = timeline.addHistory(messages);
    phase = 'ready';
    for (const message of fresh) {
      on.onMessage(message, false); // what an outage kept back may be hours old
      noticed(message, !first);
    }
    first = false;
    if (newest < known) {
      on.report(null, STALE);
      return false;
    }
    if (timeline.hasGap()) {
      if (timeline.completeUpTo() > after) syncAgain = true;
      else timeline.acceptGaps();
    }
    status = answer.status || status;
    closedNote = answer.closed_note ?? '';
    mark(marksIn(answer.receipts));
    return true;
  }

  /** @param {ApiError} error */
  function failed(error) {
    readable = false;
    if (error.status === 404) return on.onUnknown();
    if (error.code === 'session_revoked') return on.onRevoked();
    if (error.code === 'conversation_blocked') status = 'BLOCKED';
    // Not ours to read (any more): what is on the screen stays, and nobody need ask again.
    if ([401, 403, 410].includes(error.status)) {
      refusal = error.status === 410 ? 'expired' : error.code || 'refused';
      phase = 'ready';
      socket?.stop();
      return;
    }
    if (phase === 'loading') phase = 'failed';
    retrySync(error.retryAfterMs);
  }

  /** @param {number} wishMs the server's, 0 for none */
  function retrySync(wishMs) {
    syncFailures += 1;
    syncTimer = timers.set(sync, wishMs || Math.max(1000, backoffMs(syncFailures)));
  }

  /** Fetches what is new, and what may have become of the latest. */
  function lookAgain() {
    lookBack = LOOK_BACK;
    void sync();
  }

  /** @param {Message} message @param {boolean} live */
  function noticed(message, live) {
    if (message.direction === 'INBOUND') on.onInbound(message, live);
    else if (live) on.onIncoming(message);
  }

  /** @param {Message} message */
  function push(message) {
    const isNewMessage = !timeline.has(message.id);
    echoed.add(message.id);
    timeline.add(message);
    if (isNewMessage) {
      reopenBy(message);
      on.onMessage(message, true);
      noticed(message, true);
    }
    if (timeline.hasGap()) void sync();
  }

  /** Writing reopens a closed conversation. @param {Message} message */
  function reopenBy(message) {
    if (status !== 'CLOSED') return;
    if (message.direction === 'INBOUND') status = 'OPEN_UNCLAIMED';
    void sync(); // it may as well have been closed after this message, or reopened by an agent
  }

  /** Both only grow. @param {import('../types').Marks} next */
  function mark({ delivered, seen }) {
    marks = { delivered: Math.max(marks.delivered, delivered), seen: Math.max(marks.seen, seen) };
  }

  /** @returns {import('../types').Marks} */
  function reached() {
    const delivered = timeline.lastOutboundSeq();
    return { delivered, seen: Math.min(on.readUpTo(), delivered) };
  }

  function tellSoon() {
    const { delivered, seen } = reached();
    if (delivered > told.delivered || seen > told.seen) tellTimer ||= timers.set(tell, TELL_MS);
  }

  /** Through the socket, which answers with a frame, or without one by HTTP. */
  async function tell() {
    tellTimer = 0;
    const next = reached();
    const receipts = { delivered_seq: next.delivered, seen_seq: next.seen };
    if (isPast || refusal) return;
    try {
      if (link === 'open') socket?.send({ type: 'receipts', ...receipts });
      else mark(marksIn(await session?.call((conversation, token) => api.receipts(conversation, token, receipts))));
      told = next;
    } catch {
      // Whatever happens next here tries again.
    }
  }

  /** @param {string} agent @param {number} seconds */
  function setTyping(agent, seconds) {
    timers.clear(typingTimer);
    typing = agent;
    if (agent) typingTimer = timers.set(() => (setTyping('', 0), on.onChange()), seconds * 1000);
  }

  /** @param {'joined' | 'info'} kind @param {string} key @param {string} text */
  function addNote(kind, key, text) {
    // "Somebody will be with you soon" comes again after each message: its latest place counts.
    const former = notes.find((other) => (key ? other.key === key : other.text === text));
    const noteId = former?.id ?? `${id}:${(noteCount += 1)}`;
    const note = { id: noteId, kind, key, text, afterSeq: timeline.lastSeq() };
    notes = notes.filter((other) => other !== former);
    if (kind === 'joined') notes = notes.filter((other) => other.key !== 'waiting_for_agent');
    notes = [...notes, note];
  }

  /** @param {Frame} frame */
  function onFrame(frame) {
    if (frame.kind === 'message') {
      if (frame.message.direction === 'OUTBOUND') setTyping('', 0);
      push(frame.message);
    }
    if (frame.kind === 'delivered') mark({ delivered: timeline.seqOf(frame.id), seen: 0 });
    if (frame.kind === 'receipts') mark(frame.marks);
    if (frame.kind === 'typing') setTyping(frame.agent, frame.seconds);
    if (frame.kind === 'error' && frame.code === 'session_ended') void sync(); // says why
    if (frame.kind === 'edited') timeline.edit(frame.id, frame.text, frame.deleted);
    if (frame.kind === 'reopened') void sync();
    if (frame.kind === 'joined') {
      if (status === 'CLOSED') void sync();
      addNote('joined', `joined:${frame.agent}`, frame.agent);
    }
    if (frame.kind === 'note') {
      if (frame.message) push(frame.message);
      else if (frame.storedAs) timeline.has(frame.storedAs) || void sync();
      else if (frame.text) addNote('info', frame.key, frame.text);
    }
    if (frame.kind === 'closed') {
      status = 'CLOSED';
      void sync(); // brings the tenant's own closing line
    }
    on.onChange();
  }

  return {
    id,
    sync,
    /** @param {Parameters<typeof import('./chat.js').createChat>[0]['openSocket']} openSocket */
    connect(openSocket) {
      if (socket || !session) return;
      socket = openSocket(session, {
        onFrame,
        onLink(next) {
          link = next;
          if (link === 'open') {
            listeners.splice(0).forEach((heard) => heard());
            lookAgain();
            void tell(); // and is answered with how far the agents have come
            on.onConnected();
          }
          on.onChange();
        },
        // Tells "server away" from "conversation unknown", and brings what we cannot be pushed.
        onRefused: lookAgain,
      });
      socket.connect();
    },
    /** It can only be read from now on. */
    leave() {
      isPast = true;
      this.disconnect();
    },
    disconnect() {
      socket?.stop();
      socket = null;
      timers.clear(syncTimer);
      timers.clear(tellTimer);
      tellTimer = 0;
      setTyping('', 0);
    },
    tellSoon,
    refresh() {
      if (!refusal) socket?.hurry();
      lookAgain();
    },
    /** Reads a message and what follows it again. @param {number} seq */
    renew(seq) {
      lookBack = Math.max(lookBack, timeline.completeUpTo() - seq + 1);
      void sync();
    },
    /** Until the socket is open, or has taken too long. @returns {Promise<void>} */
    async listening() {
      if (link === 'open') return;
      await new Promise((/** @type {(value: void) => void} */ resolve) => {
        listeners.push(resolve);
        timers.set(resolve, LISTEN_MS);
      });
    },
    /** The answer to our own POST. @param {Message} message */
    sent(message) {
      if (!timeline.has(message.id)) reopenBy(message);
      timeline.add(message);
      if (timeline.hasGap() || refusal) void sync();
    },
    /** @param {string} messageId */
    expectEcho(messageId) {
      if (link === 'open' && !echoed.has(messageId)) socket?.restart();
    },
    isReachable: () => readable || refusal !== '' || phase === 'loading',
    /** The session is over: the next message begins another conversation. */
    isExpired: () => refusal === 'expired',
    /** Nobody may write here at the moment, and it is not the visitor's doing. */
    isUnavailable: () => refusal !== '' && refusal !== 'expired' && status !== 'BLOCKED',
    block() {
      status = 'BLOCKED';
    },
    /** @param {number} seq */
    unreadAfter: (seq) => timeline.countOutboundAfter(seq),
    lastSeq: timeline.lastSeq,
    phase: () => phase,
    link: () => link,
    isClosed: () => status === 'CLOSED',
    isBlocked: () => status === 'BLOCKED',
    closedNote: () => closedNote,
    /** Who is with the visitor: the last to have joined or answered; '' for nobody. */
    agent() {
      const joined = [...notes].reverse().find((note) => note.kind === 'joined');
      if (!joined && !/OPEN_ASSIGNED|AWAITING_CUSTOMER/.test(status)) return '';
      const answered = [...timeline.messages()].reverse().find(({ agent }) => agent);
      return joined && joined.afterSeq >= (answered?.seq ?? 0) ? joined.text : (answered?.agent ?? '');
    },
    typing: () => typing,
    segment: () => ({ id, messages: timeline.messages(), notes, marks }),
  };
}
