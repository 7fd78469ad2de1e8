import { branded } from './branding.js';
import { makeId, report, tabId, tabLock, vibrate, whenBodyExists } from './browser.js';
import { createApi, tenantHint } from './chat/api.js';
import { createChat } from './chat/chat.js';
import { createKeyStore } from './chat/key_store.js';
import { createSocket } from './chat/socket.js';
import { createStorage, storageArea } from './chat/storage.js';
import { createStore } from './chat/store.js';
import { watchPage } from './compat/page_look.js';
import { I18NEXT_KEY, pageLocale } from './compat/page_locale.js';
import { takeOver } from './compat/takeover.js';
import { createSwitches } from './compat/switches.js';
import { normaliseLocale } from './i18n.js';
import { createReach } from './reach.js';
import { isPathAllowed, observeRoutes } from './routes.js';
import { createSound } from './sound.js';
import { createTranslations } from './translations.js';
import { createWidget } from './view/widget.js';

const DRAFT_MS = 300;
// The tenant's look is waited for so long, so that the button need not change before one's eyes.
const LOOK_MS = 1000;
const ASK_AGAIN_MS = 65_000;

/**
 * One living widget on the page: joins the chat to its view and to the browser's events.
 * @param {import('./types').Settings} given
 * @returns {import('./types').Controls}
 */
export function createInstance(given) {
  const settings = { ...given, locale: normaliseLocale(given.locale) };
  const abort = new AbortController();
  const { signal } = abort;
  const timers = {
    /** @param {() => void} fn @param {number} ms */
    set: (fn, ms) => window.setTimeout(fn, ms),
    /** @param {number} id */
    clear: (id) => window.clearTimeout(id),
    now: () => Date.now(),
    elapsed: () => performance.now(),
  };
  // The default tenant's name is not in it: so it was before there were others.
  const whose = settings.tenant || settings.key;
  const isDefault = !whose || whose === 'default';
  const prefix = `chatorical:${settings.origin}${isDefault ? '' : `/${whose}`}:`;
  const area = storageArea('localStorage');
  const store = createStore(createStorage(prefix, area));
  // The first widget knew no tenants.
  const wasOpenBefore = isDefault && takeOver(area, store, settings.origin);
  // Per tab: whether the panel is open, and whose unsent messages these are.
  const tabStorage = createStorage(prefix, storageArea('sessionStorage'));
  const switches = createSwitches();
  const sound = createSound({ volume: settings.soundVolume, gain: settings.soundGain });
  let locale = settings.locale;
  let followsPage = settings.followsPage;
  let started = false;
  let hidden = false;
  let shown = false;
  let waiting = settings.isConfigured;
  let configTimer = 0;
  let draftTimer = 0;
  /** @type {() => void} */
  let flushDraft = () => undefined;
  /** @type {() => void} */
  let stopObserving = () => undefined;

  const hint = tenantHint(settings);
  const socketUrl = `${settings.origin.replace(/^http/, 'ws')}/v1/ws${hint && `?${hint}`}`;

  const soundOn = () => switches.isOn('sound', settings.soundDefaultOn);
  const vibrationOn = () => switches.isOn('vibrate', settings.vibrationDefaultOn);
  const canVibrate = typeof navigator.vibrate === 'function' && navigator.maxTouchPoints > 0;

  const reach = createReach({
    origin: settings.origin,
    tenant: settings.tenant,
    load: (...args) => fetch(...args),
    signal,
    onChange: () => widget.redraw(),
  });
  const api = createApi(settings.origin, reach.fetch, settings);
  const translations = createTranslations({
    load: settings.isConfigured ? configure : api.translations,
    elapsed: timers.elapsed,
    onLoaded: (loaded) => !signal.aborted && loaded === locale && widget.setLocale(locale),
  });
  const chat = createChat({
    api,
    keys: createKeyStore(prefix, { timers, isKnown: () => store.sessionId() !== '' }),
    store,
    openSocket: (session, on) =>
      createSocket({
        ...on,
        url: socketUrl,
        token: () => session.call((_, token) => api.socketToken(token)),
        timers,
        isHidden: () => document.hidden,
        WebSocketImpl: WebSocket,
      }),
    timers,
    tab: tabId(tabStorage),
    lock: tabLock(`${prefix}send`),
    makeId,
    locale: () => locale,
    isOnline: () => navigator.onLine,
    isRefused: reach.isRefused,
    report,
    isHidden: () => document.hidden,
    onChange: () => widget.redraw(),
    onIncoming: notify,
  });
  const widget = createWidget({
    settings,
    chat,
    entries: translations.entries,
    toggles: [
      toggle('sound', 'sound', soundOn, () => (sound.unlock(), sound.play())),
      ...(canVibrate ? [toggle('vibration', 'phone', vibrationOn, () => vibrate(60))] : []),
    ],
    draft: {
      load: store.draft,
      save(text) {
        flushDraft = () => store.saveDraft(text);
        timers.clear(draftTimer);
        draftTimer = timers.set(flushDraft, text ? DRAFT_MS : 0);
      },
    },
    onOpenChange(open) {
      tabStorage.set('open', open);
      tell({ type: open ? 'opened' : 'closed' });
      if (!open) return;
      followPage();
      void translations.want(locale);
    },
  });

  /**
   * @param {'sound' | 'vibration'} key @param {'sound' | 'phone'} icon
   * @param {() => boolean} isOnNow @param {() => void} sample
   * @returns {import('./view/header.js').Toggle}
   */
  function toggle(key, icon, isOnNow, sample) {
    return {
      key,
      icon,
      isOn: isOnNow,
      isShown: () => (key === 'sound' ? settings.showSoundToggle : settings.showVibrationToggle),
      toggle() {
        switches.set(key === 'sound' ? key : 'vibrate', !isOnNow());
        if (isOnNow()) sample();
      },
    };
  }

  /** Later, so that a fault of the page's is its own. @param {import('./types').WidgetEvent} event */
  const tell = (event) => queueMicrotask(() => settings.onEvent(event));

  /**
   * Takes on what the tenant has set; resolves with its texts. A server that had no answer is asked
   * again; one that has refused will not think better of it.
   * @param {string} wanted
   */
  async function configure(wanted) {
    timers.clear(configTimer);
    try {
      const config = await api.config(wanted);
      Object.assign(settings, branded(given, config));
      if (!signal.aborted) widget.look();
      return config.strings;
    } catch (error) {
      const { status } = /** @type {import('./chat/api.js').ApiError} */ (error);
      if (!signal.aborted && (status < 400 || status === 429 || status >= 500)) {
        configTimer = timers.set(() => void translations.want(locale), ASK_AGAIN_MS);
      }
      throw error;
    }
  }

  function reveal() {
    waiting = false;
    if (!signal.aborted) widget.setVisible(shown);
  }

  /** @param {import('./types').Message} message */
  function notify(message) {
    widget.announceNews();
    tell({ type: 'message', unread: chat.picture().unread });
    if (widget.hasAttention() || !isFirstToNotify(message.id)) return;
    if (soundOn()) sound.play();
    if (canVibrate && vibrationOn()) vibrate([40, 60, 40]);
  }

  /** Of several open tabs only one rings. @param {string} messageId */
  function isFirstToNotify(messageId) {
    if (store.preference('rang') === messageId) return false;
    store.savePreference('rang', messageId);
    return true;
  }

  function start() {
    if (started) return;
    started = true;
    chat.start();
    const left = tabStorage.get('open') ?? (wasOpenBefore || null);
    // A panel that was open stays open on the next page, but on a phone it would hide that page.
    const wasOpen = left === true && !widget.isSmall();
    if (wasOpen || (settings.openOnLoad && left === null)) widget.setOpen(true, false);
  }

  /** @param {boolean} visible */
  function setVisible(visible) {
    if (!visible) widget.setOpen(false, false);
    shown = visible;
    widget.setVisible(visible && !waiting);
    if (visible) start();
  }

  const isAllowed = () => isPathAllowed(location, settings.includePaths, settings.excludePaths);
  const recheck = () => setVisible(!hidden && isAllowed());

  /** Looks and speaks like the page as it is now. */
  function followPage() {
    widget.look();
    if (followsPage) speak(pageLocale(area));
  }

  /** @param {string} wanted */
  function speak(wanted) {
    const next = normaliseLocale(wanted);
    if (next === locale) return;
    locale = next;
    widget.setLocale(locale);
    if (!started) return;
    void translations.want(locale);
    chat.localeChanged();
  }

  /** @param {EventTarget} target @param {string} type @param {(event: any) => void} listener */
  const on = (target, type, listener) =>
    target.addEventListener(type, listener, { signal, passive: true, capture: true });

  /** Any touch of the page will do, but only where there is something to hear. @param {Event} event */
  function unlockSound(event) {
    if (soundOn() && (chat.isActive() || event.target === widget.host)) sound.unlock();
  }

  function listen() {
    const refresh = () => started && chat.refresh();
    on(window, 'online', refresh);
    on(window, 'offline', () => widget.redraw());
    on(document, 'visibilitychange', () => !document.hidden && refresh());
    on(window, 'pagehide', () => (flushDraft(), started && chat.pause()));
    on(window, 'pageshow', (event) => event.persisted && started && chat.resume());
    on(window, 'storage', (event) => {
      if (event.key === I18NEXT_KEY) followPage();
      const key = store.ownKey(event.key);
      if (key && started) chat.storageChanged(key);
    });
    for (const type of ['pointerdown', 'keydown']) on(document, type, unlockSound);
    const watched = settings.includePaths.length + settings.excludePaths.length > 0;
    if (settings.observeRoute && watched) stopObserving = observeRoutes(recheck, window);
  }

  whenBodyExists(() => {
    if (signal.aborted) return;
    document.body.append(widget.host);
    listen();
    watchPage(followPage, signal);
    followPage();
    recheck();
    if (!waiting) return;
    timers.set(reveal, LOOK_MS);
    void translations.want(locale).then(reveal);
  });

  return {
    show() {
      hidden = false;
      setVisible(true);
    },
    hide() {
      hidden = true;
      setVisible(false);
    },
    recheck,
    setLocale(next) {
      followsPage = false;
      speak(next);
    },
    open() {
      reveal();
      if (!hidden) setVisible(true);
      if (!hidden) widget.setOpen(true, true);
    },
    close: () => widget.setOpen(false, false),
    forget: chat.forget,
    destroy() {
      flushDraft();
      abort.abort();
      stopObserving();
      timers.clear(configTimer);
      chat.stop();
      sound.close();
      widget.destroy();
    },
  };
}
