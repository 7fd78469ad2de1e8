import { backoffMs } from './backoff.js';
import { parseFrame } from './frames.js';

const CONNECT_TIMEOUT_MS = 10_000;
const CAP_MS = 30_000;
const HIDDEN_CAP_MS = 120_000;

/**
 * A WebSocket that comes back. It carries messages to us only; what is written goes by HTTP, which
 * answers. A browser cannot tell why a handshake failed, so the caller is told and asks history.
 * @param {{
 *   url: string,
 *   onFrame: (frame: import('../types').Frame) => void,
 *   onLink: (link: import('../types').Link) => void,
 *   onRefused: () => void,
 *   timers: import('../types').Timers,
 *   isHidden: () => boolean,
 *   WebSocketImpl: typeof WebSocket,
 * }} deps
 */
export function createSocket({ url, onFrame, onLink, onRefused, timers, isHidden, WebSocketImpl }) {
  /** @type {WebSocket | null} */
  let socket = null;
  let failures = 0;
  let timer = 0;
  let stopped = false;
  let ready = false;

  function connect() {
    timers.clear(timer);
    if (stopped) return;
    drop();
    onLink('connecting');
    let mine;
    try {
      mine = socket = new WebSocketImpl(url);
    } catch {
      return lost(); // the page's policy forbids it: history still works
    }
    timer = timers.set(() => mine === socket && lost(), CONNECT_TIMEOUT_MS);
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
    timer = timers.set(connect, backoffMs(failures, isHidden() ? HIDDEN_CAP_MS : CAP_MS));
    onLink('waiting');
    if (refused) onRefused();
  }

  function drop() {
    timers.clear(timer);
    ready = false;
    const old = socket;
    socket = null; // its late events are nobody's any more
    old?.close();
  }

  return {
    connect,
    /** The network is back, or somebody looks again: no reason to wait any longer. */
    hurry() {
      if (!stopped && !socket) connect();
    },
    /** Open, but we know better: messages do not come through it. */
    restart() {
      if (!stopped) connect();
    },
    /** After `stop`. */
    resume() {
      stopped = false;
      connect();
    },
    stop() {
      stopped = true;
      drop();
      onLink('off');
    },
  };
}
