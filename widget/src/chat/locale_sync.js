import { ApiError } from './api.js';

/**
 * Tells the server which language the visitor reads, so that its own texts follow. One call at a
 * time, and always the present language: of several changes, or of those made offline, the last
 * one arrives. What fails waits for the next call of `sync`.
 * @param {{
 *   api: Pick<ReturnType<typeof import('./api.js').createApi>, 'setLocale'>,
 *   store: ReturnType<typeof import('./store.js').createStore>,
 *   timers: import('../types').Timers,
 *   locale: () => string,
 *   onTold: () => void,
 * }} deps
 */
export function createLocaleSync({ api, store, timers, locale, onTold }) {
  let busy = false;
  let timer = 0;

  async function sync() {
    const session = store.session();
    const wanted = locale();
    if (busy || !session || session.locale === wanted) return;
    busy = true;
    timers.clear(timer);
    const done = await tell(session, wanted);
    busy = false;
    if (!done) return;
    onTold();
    void sync(); // it may have changed meanwhile
  }

  /** @param {import('../types').Session} session @param {string} wanted */
  async function tell(session, wanted) {
    try {
      await api.setLocale(session.id, session.token, wanted);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.retryAfterMs) timer = timers.set(sync, error.retryAfterMs);
      return false;
    }
    const present = store.session();
    if (present?.id === session.id) store.saveSession({ ...present, locale: wanted });
    return true;
  }

  return { sync, stop: () => timers.clear(timer) };
}
