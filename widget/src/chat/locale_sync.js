import { ApiError } from './http.js';

// What waits for the server to know, a message above all, waits this long at most.
const PATIENCE_MS = 1500;
// After a failure the server is left alone for this long.
const PAUSE_MS = 5000;

/**
 * Tells the server which language the visitor reads, so that its own texts follow. One call at a
 * time, and always the present language: of several changes, or of those made offline, the last
 * one arrives. What fails waits for the next call of `sync` and a pause, or for as long as the server
 * wishes.
 * @param {{
 *   api: Pick<ReturnType<typeof import('./api.js').createApi>, 'setLocale'>,
 *   sessions: Pick<ReturnType<typeof import('./sessions.js').createSessions>, 'current' | 'saveLocale'>,
 *   timers: import('../types').Timers,
 *   locale: () => string,
 *   onTold: () => void,
 * }} deps
 */
export function createLocaleSync({ api, sessions, timers, locale, onTold }) {
  /** @type {Promise<void> | null} */
  let running = null;
  let timer = 0;
  let notBefore = 0;

  function isTold() {
    const session = sessions.current();
    return !session || session.locale() === locale();
  }

  /**
   * Resolves when the server knows, cannot be told now, or has not answered for a while; never
   * rejects.
   * @returns {Promise<void>}
   */
  async function sync() {
    if (timer || isTold()) return;
    if (!running) {
      const pauseMs = notBefore - timers.elapsed();
      if (pauseMs > 0) {
        timer = timers.set(again, Math.min(pauseMs, PAUSE_MS));
        return;
      }
      running = begin();
    }
    await running;
  }

  /** The whole run, or its beginning if it takes long. */
  function begin() {
    let patience = 0;
    const enough = new Promise((/** @type {(value: void) => void} */ resolve) => {
      patience = timers.set(resolve, PATIENCE_MS);
    });
    return Promise.race([tellAll(), enough]);

    async function tellAll() {
      let done;
      do done = await tell();
      while (done && !isTold()); // it may have changed meanwhile
      timers.clear(patience);
      running = null;
    }
  }

  async function tell() {
    const session = sessions.current();
    const wanted = locale();
    if (!session) return false;
    try {
      await session.call((id, token) => api.setLocale(id, token, wanted));
      sessions.saveLocale(session, wanted);
      onTold();
    } catch (error) {
      // Whatever went wrong, even here: no message may be lost over a language.
      const wishMs = error instanceof ApiError ? error.retryAfterMs : 0;
      if (wishMs) timer = timers.set(again, wishMs);
      else notBefore = timers.elapsed() + PAUSE_MS;
      return false;
    }
    return true;
  }

  function again() {
    timer = 0;
    void sync();
  }

  return { sync, stop: () => timers.clear(timer) };
}
