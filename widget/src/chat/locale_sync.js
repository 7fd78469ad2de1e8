import { ApiError } from './api.js';

/**
 * Tells the server which language the visitor reads, so that its own texts follow. One call at a
 * time, and always the present language: of several changes, or of those made offline, the last
 * one arrives. What fails waits for the next call of `sync`, or for as long as the server wishes.
 * @param {{
 *   api: Pick<ReturnType<typeof import('./api.js').createApi>, 'setLocale'>,
 *   store: ReturnType<typeof import('./store.js').createStore>,
 *   timers: import('../types').Timers,
 *   locale: () => string,
 *   onTold: () => void,
 * }} deps
 */
export function createLocaleSync({ api, store, timers, locale, onTold }) {
  /** @type {Promise<void> | null} */
  let running = null;
  let timer = 0;

  function isTold() {
    const session = store.session();
    return !session || session.locale === locale();
  }

  /** Resolves when the server knows, or cannot be told now; never rejects. @returns {Promise<void>} */
  async function sync() {
    if (timer || isTold()) return;
    running ??= run();
    await running;
  }

  async function run() {
    let done;
    do done = await tell();
    while (done && !isTold()); // it may have changed meanwhile
    running = null;
  }

  async function tell() {
    const session = store.session();
    const wanted = locale();
    if (!session) return false;
    try {
      await api.setLocale(session.id, session.token, wanted);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.retryAfterMs) timer = timers.set(again, error.retryAfterMs);
      return false;
    }
    const present = store.session();
    if (present?.id === session.id) store.saveSession({ ...present, locale: wanted });
    onTold();
    return true;
  }

  function again() {
    timer = 0;
    void sync();
  }

  return { sync, stop: () => timers.clear(timer) };
}
