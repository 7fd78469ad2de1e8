import { branded } from './branding.js';
import { attempt, whenBodyExists } from './browser.js';
import { read, storageArea } from './chat/area.js';
import { createGet, tenantHint } from './chat/look_api.js';
import { I18NEXT_KEY, pageLocale } from './compat/page_locale.js';
import { watchPage } from './compat/page_look.js';
import { builtInFor, layersOf, normaliseLocale } from './languages.js';
import { BUILT_IN } from './locales.js';
import { createParts } from './parts.js';
import { clearTraces, hasTraces } from './traces.js';
import { createTranslations } from './translations.js';
import { createFrame } from './view/frame.js';
import { SMALL } from './view/small.js';
import { shared } from 'built:shared';

// The tenant's look is waited for so long, so that the button need not change before one's eyes.
const LOOK_MS = 1000;
const ASK_AGAIN_MS = 65_000;
// A file that has not come by then is said to be late; it is waited for all the same.
const LATE_MS = 15_000;
const AGAIN_MS = 30_000;

/**
 * One living widget on the page: its button, when it is there, how it looks and speaks. The chat
 * itself, the engine, is fetched when this browser has a conversation or somebody opens it.
 * @param {import('./types').Settings} given
 * @param {import('./types').HostPage} page
 * @returns {import('./types').Instance}
 */
export function createInstance(given, page) {
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
  const tabArea = storageArea('sessionStorage');
  const parts = createParts(settings.origin, page.nonce || settings.nonce);
  /** @type {import('./types').EngineModule | undefined} */
  let made;
  /** @type {import('./types').Engine | null} */
  let engine = null;
  /** @type {Promise<import('./types').Engine | null> | null} */
  let arriving = null;
  // What the visitor wants while the engine is on its way.
  let wish = { open: false, focus: false };
  let locale = settings.locale;
  let wanted = locale;
  let followsPage = settings.followsPage;
  let started = false;
  let hidden = false;
  let shown = false;
  let waiting = true;
  let configTimer = 0;
  let lateTimer = 0;
  let turnTimer = 0;
  let routesTimer = 0;
  let isLookAway = false;
  const hasRules = settings.includePaths.length + settings.excludePaths.length > 0;
  /** @type {import('./types').Routes | null} */
  let routes = null;

  const get = createGet(settings.origin, (...args) => fetch(...args));
  const translations = createTranslations({
    load: (of) => (settings.isConfigured ? configure(of) : /** @type {import('./types').Engine} */ (engine).ownWords(get, of)),
    elapsed: timers.elapsed,
    onLoaded: (loaded) => !signal.aborted && loaded === locale && retell(),
  });
  const frame = createFrame({
    settings,
    word,
    onPress: () => setOpen(!(engine?.isOpen() ?? wish.open), true),
    onNear: () => void load(),
    onRetry: () => setOpen(true, true),
    signal,
    loadLook,
  });
  retell();

  /** A text without values. @param {string} key */
  function word(key, isPages = false) {
    const { strings, stringsByLocale } = settings;
    const others = isPages ? [{}, {}] : [translations.entries(locale)];
    const { layers } = layersOf(locale, strings, stringsByLocale, ...others);
    // The first widget's name for the button's text.
    const former = key.startsWith('launcher') ? 'chatButton' : key;
    return layers.flatMap((layer) => [layer[key], layer[former]]).find((text) => typeof text === 'string') ?? '';
  }

  /** Says everything again, with what is known of the language by now. */
  function retell() {
    frame.setLocale(locale);
    if (engine) engine.retell();
    else frame.launcher.say(word('launcherLabel', true), word('launcherOpen'));
  }

  /** Later, so that a fault of the page's is its own. @param {import('./types').WidgetEvent} event */
  const tell = (event) => queueMicrotask(() => settings.onEvent(event));

  /** The part for the page's own colours; the present loader is asked for once, since the chat does without. */
  async function loadLook() {
    const create = await parts.get('look');
    if (create) return create(shared);
    if (!signal.aborted && !isLookAway) {
      isLookAway = true;
      await page.renew();
    }
  }

  /** The engine's module; null where it cannot be had. @returns {Promise<import('./types').EngineModule | null>} */
  async function moduleOf() {
    const make = await parts.get('engine');
    return make && (made ??= make(shared));
  }

  /** All words of a language. @param {string} of a locale @returns {Promise<boolean>} whether they are there */
  async function learn(of) {
    const language = builtInFor(of);
    const hash = (await moduleOf())?.words[language];
    const texts = hash && (await parts.get(language, hash));
    if (texts) Object.assign(/** @type {{}} */ (BUILT_IN[language]), texts);
    return !!texts;
  }

  /** The engine; null where it cannot be had, which the next call tries again. */
  function load() {
    arriving ??= arrive().finally(() => {
      if (!engine) arriving = null;
    });
    return arriving;
  }

  async function arrive() {
    let spoken = '';
    while (spoken !== locale && (await learn(locale))) spoken = locale;
    await pause();
    if (signal.aborted) return null;
    if (!made || !spoken) return failed();
    const chat = await made.create({
      settings,
      signal,
      timers,
      frame,
      locale: () => locale,
      entries: () => translations.entries(locale),
      prefix,
      isDefault,
      area,
      tabArea,
      part: parts.get,
      tell,
      onOpen() {
        followPage();
        void translations.want(locale);
      },
    });
    if (!chat) return failed();
    engine = chat;
    if (spoken !== locale) engine.retell(); // it has changed meanwhile
    timers.clear(lateTimer);
    frame.setBusy(false);
    frame.setFailed(false);
    await pause();
    if (signal.aborted) return null;
    if (wish.open) engine?.setOpen(true, wish.focus && isFocusFree());
    return engine;
  }

  /** The visitor may have gone on to a field of the page's, or to another button of the widget's. */
  function isFocusFree() {
    const { activeElement } = document;
    const inside = frame.shadow.activeElement;
    if (activeElement === frame.host) return !inside || inside === frame.launcher.element;
    return !activeElement || activeElement === document.body;
  }

  /** Lets the page have its turn: starting the chat is several short tasks, not a long one. */
  const pause = () => new Promise((resolve) => timers.set(() => resolve(undefined), 0));

  /** The chat did not come: the visitor is told if they wait for it, and it is sought again. @returns {Promise<null>} */
  async function failed() {
    if (signal.aborted || (await page.renew()) || signal.aborted) return null;
    frame.setBusy(false);
    if (wish.open) frame.setFailed(true);
    timers.clear(lateTimer);
    if (wish.open || hasTraces(area, prefix, isDefault)) lateTimer = timers.set(() => void load(), AGAIN_MS);
    return null;
  }

  /** @param {boolean} open @param {boolean} moveFocus only when the visitor asked for it */
  function setOpen(open, moveFocus) {
    const isClosed = wish.open && !open;
    wish = { open, focus: moveFocus };
    if (engine) return engine.setOpen(open, moveFocus);
    frame.setFailed(false);
    frame.setBusy(open);
    timers.clear(lateTimer);
    if (isClosed) attempt(() => tabArea?.setItem(`${prefix}open`, 'false'));
    if (!open) return;
    lateTimer = timers.set(() => frame.setFailed(true), LATE_MS);
    void load();
  }

  /**
   * Takes on what the tenant has set; resolves with its texts. A server that had no answer is asked
   * again; one that has refused will not think better of it.
   * @param {string} of a locale
   */
  async function configure(of) {
    timers.clear(configTimer);
    try {
      const config = await get(`/v2/widget/config?locale=${encodeURIComponent(of)}&${tenantHint(settings)}`);
      Object.assign(settings, branded(given, config));
      if (!signal.aborted) frame.look();
      return config.strings;
    } catch (error) {
      const { status } = /** @type {import('./chat/look_api.js').NoAnswer} */ (error);
      if (!signal.aborted && (status < 400 || status === 429 || status >= 500)) {
        configTimer = timers.set(() => void translations.want(locale), ASK_AGAIN_MS);
      }
      throw error;
    }
  }

  function reveal() {
    waiting = false;
    if (!signal.aborted) show();
  }

  function show() {
    frame.setVisible(shown && !waiting);
    if (shown && !waiting) engine?.measure();
  }

  function start() {
    if (started) return;
    started = true;
    const left = read(tabArea, `${prefix}open`);
    // A panel that was open stays open on the next page, but on a phone it would hide that page.
    const wasOpen = left === 'true' && !attempt(() => matchMedia(SMALL).matches, false);
    if (wasOpen || (settings.openOnLoad && left === null)) setOpen(true, false);
    else if (hasTraces(area, prefix, isDefault)) void load();
  }

  /** @param {boolean} visible */
  function setVisible(visible) {
    if (!visible) setOpen(false, false);
    shown = visible;
    show();
    if (visible) start();
  }

  /** Applies the page's rules to the present address; until their part is there, only the page shows it. */
  function recheck() {
    if (!hasRules || routes) return setVisible(!hidden && routes?.isAllowed() !== false);
    show();
    void learnRules();
  }

  async function learnRules() {
    timers.clear(routesTimer);
    const create = (await parts.get('routes'))?.(shared);
    if (signal.aborted || routes) return;
    if (create) {
      routes = create(settings, recheck);
      if (!shown) recheck(); // else the page has asked for it meanwhile
    } else if (!(await page.renew())) routesTimer = timers.set(() => void learnRules(), AGAIN_MS);
  }

  /** Looks and speaks like the page as it is now. */
  function followPage() {
    const coming = frame.look();
    if (followsPage) void speak(pageLocale(area));
    return coming;
  }

  /** @param {string} next */
  async function speak(next) {
    const before = wanted;
    wanted = normaliseLocale(next);
    if (wanted !== before) await turn();
  }

  /** Turns to the wanted language, of several in a row to the last. */
  async function turn() {
    const now = wanted;
    timers.clear(turnTimer);
    // The chat goes on in the language that it has until all words of the next one are there.
    const isLearnt = now === locale || !arriving || (await learn(now));
    if (signal.aborted || now !== wanted || now === locale) return;
    if (!isLearnt) {
      turnTimer = timers.set(() => void turn(), AGAIN_MS);
      return;
    }
    locale = now;
    retell();
    if (!started) return;
    if (settings.isConfigured || engine) void translations.want(locale);
    engine?.localeChanged();
  }

  /** @param {EventTarget} target @param {string} type @param {(event: any) => void} listener */
  const on = (target, type, listener) =>
    target.addEventListener(type, listener, { signal, passive: true, capture: true });

  function listen() {
    on(window, 'online', () => {
      void turn();
      if (wish.open && !engine) void load();
    });
    on(window, 'storage', (event) => {
      if (event.key === I18NEXT_KEY) followPage();
      if (event.key === `${prefix}session` && started) void load(); // begun in another tab
    });
  }

  whenBodyExists(() => {
    if (signal.aborted) return;
    document.body.append(frame.host);
    listen();
    watchPage(() => {
      if (!frame.host.isConnected) {
        document.body.append(frame.host);
        engine?.measure();
      }
      followPage();
    }, signal);
    const coming = [followPage(), settings.isConfigured && translations.want(locale)].filter(Boolean);
    waiting &&= coming.length > 0;
    recheck();
    if (waiting) timers.set(reveal, LOOK_MS);
    void (async () => {
      for (const each of coming) await each;
      reveal();
    })();
  });

  /** Rejects when the server could not be told; the device is cleared all the same. */
  async function forget() {
    const chat = await load();
    if (chat) return chat.forget();
    clearTraces(area, prefix, isDefault);
    throw new Error('The chat could not be loaded.');
  }

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
      return speak(next);
    },
    open(moveFocus = true) {
      reveal();
      if (!hidden) setVisible(true);
      if (!hidden) setOpen(true, moveFocus);
    },
    close: () => void setOpen(false, false),
    forget,
    destroy() {
      abort.abort();
      routes?.stop();
      timers.clear(routesTimer);
      timers.clear(configTimer);
      timers.clear(lateTimer);
      timers.clear(turnTimer);
      engine?.destroy();
      frame.destroy();
      return { ...wish, hidden, ...(followsPage ? {} : { locale: wanted }) };
    },
  };
}
