import { backoffMs } from './backoff.js';
import { encode } from '../wire.js';
import { parseFrame } from './frames.js';

const PROTOCOL = 'chatorical.v2';
const CONNECT_TIMEOUT_MS = 10_000;
const CAP_MS = 30_000;
const HIDDEN_CAP_MS = 120_000;

/**
 * A WebSocket that comes back, each time with a token of its own. It carries messages to us only; what is
 * written goes by HTTP, which answers. A browser cannot tell why a handshake failed, so the caller is told
 * and asks history.
 * @param {{
 *   url: string,
 *   token: () => Promise<string>,
 *   onFrame: (frame: import('../types').Frame) => void,
 *   onLink: (link: import('../types').Link) => void,
 *   onRefused: () => void,
 *   timers: import('../types').Timers,
 *   isHidden: () => boolean,
 *   WebSocketImpl: typeof WebSocket,
 * }} deps `token`: for one connection; it travels as a subprotocol, never in the address
 */
export function createSocket({ url, token, onFrame, onLink, onRefused, timers, isHidden, WebSocketImpl }) {
  /** @type {WebSocket | null} */
  let socket = null;
  let failures = 0;
  let timer = 0;
  let stopped = false;
  let ready = false;
  let waiting = false;
  // Counts the attempts, so that what belongs to a former one is told apart.
  let attempt = 0;

  async function connect() {
    timers.clear(timer);
    if (stopped) return;
    drop();
    waiting = false;
    const own = attempt;
    onLink('connecting');
    timer = timers.set(() => own === attempt && lost(), CONNECT_TIMEOUT_MS);
    let mine;
    try {
      const ticket = await token();
      if (own !== attempt) return;
      mine = socket = new WebSocketImpl(url, [PROTOCOL, ticket]);
    } catch {
      if (own === attempt) lost(); // no token, or the page's policy forbids it: history still works
      return;
    }
    mine.onmessage = (event) => {
      if (mine !== socket) return;
      const frame = parseFrame(event.data);
      if (frame.kind !== 'ready') return onFrame(frame);
      timers.clear(timer);
      failures = 0;
      ready = true;
      onLink('open');
    };
    mine.onclose = () => mine === socket && lost();
  }

  function lost() {
    const refused = !ready;
    drop();
    failures += 1;
    waiting = true;
    timer = timers.set(connect, backoffMs(failures, isHidden() ? HIDDEN_CAP_MS : CAP_MS));
    onLink('waiting');
    if (refused) onRefused();
  }

  function drop() {
    timers.clear(timer);
    attempt += 1;
    ready = false;
    const old = socket;
    socket = null; // its late events are nobody's any more
    old?.close();
  }

  return {
    connect,
    /** Once it is open. @param {object} frame */
    send: (frame) => socket?.send(encode(frame)),
    /** The network is back, or somebody looks again: no reason to wait any longer. */
    hurry() {
      if (!stopped && waiting) void connect();
    },
    /** Open, but we know better: messages do not come through it. */
    restart() {
      if (!stopped) void connect();
    },
    /** After `stop`. */
    resume() {
      stopped = false;
      void connect();
    },
    stop() {
      stopped = true;
      drop();
      onLink('off');
    },
  };
}
