import { report } from './browser.js';
import { createApi } from './chat/api.js';
import { createChat } from './chat/chat.js';
import { createKeyStore } from './chat/key_store.js';
import { tenantHint } from './chat/look_api.js';
import { ownWords } from './chat/own_words.js';
import { createSocket } from './chat/socket.js';
import { createStorage } from './chat/storage.js';
import { asMessage } from './chat/frames.js';
import { createCall, unreadable } from './chat/http.js';
import { createStore } from './chat/store.js';
import { createSwitches } from './compat/switches.js';
import { createFilesDoor } from './files_door.js';
import { vibrate } from './device.js';
import { createReach } from './reach.js';
import { createDoor } from './door.js';
import { makeId, tabId, tabLock } from './tabs.js';
import { BUILT_IN } from './locales.js';
import { createTranslate, knownTexts } from './translate.js';
import { hasFirst } from './traces.js';
import { addStyles } from './view/frame.js';
import { createWidget } from './view/widget.js';
import { createVisitor } from './whereabouts.js';
import { hasJson, standIn } from './wire.js';
import { shared } from 'built:lent';
import { SMALLER, WORDS } from 'built:smaller';

const DRAFT_MS = 300;

/**
 * The chat itself, in the frame that the loader has put on the page: joins it to its view and to
 * the browser's events.
 * @param {import('./types').Shell} shell
 * @param {(name: string) => Promise<any>} part what makes one of the smaller parts; null where it cannot be had
 * @param {typeof import('./first/takeover.js').takeOver | false} takeOver where the first widget has left something
 * @param {typeof import('./compat/strings.js').pageTexts | false} pageTexts where the page has texts of its own
 * @returns {import('./types').Engine}
 */
function createEngine({ settings, signal, timers, frame, prefix, area, ...shell }, part, takeOver, pageTexts) {
  const store = createStore(createStorage(prefix, area));
  // Whether the panel is open, and whose unsent messages these are.
  const tabStorage = createStorage(prefix, shell.tabArea);
  const switches = createSwitches();
  const { texts, byLocale } = pageTexts ? pageTexts(settings) : { texts: {}, byLocale: {} };
  let translate = translator();
  let pageWords = translator({}, {});
  /** @type {import('./types').Words} */
  const words = {
    t: (...args) => translate(...args),
    pageWords: (...args) => pageWords(...args),
    locale: shell.locale,
  };
  const wasOpenBefore = takeOver && takeOver(area, store, settings.origin);
  /** @type {ReturnType<typeof import('./sound.js').createSound> | null} */
  let sound = null;
  const wantSound = createDoor(
    () => part('sound'),
    timers.elapsed,
    (create) => (sound = create(settings, switches.volume())),
  );
  /** @type {import('./types').EarlierPart | null} */
  let earlier = null;
  let draftTimer = 0;
  /** @type {() => void} */
  let flushDraft = () => undefined;

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
  const tab = tabId(tabStorage);
  const mayOffer = () => widget.isOpen() && !!settings.config?.features.attachments;
  const files = createFilesDoor({
    load: part,
    elapsed: timers.elapsed,
    isAllowed: mayOffer,
    deps: () => ({
      t: words.t,
      locale: words.locale,
      learn,
      addStyles: style,
      renew: (at) => void chat.renew(at),
      announce: widget.announce,
      redraw: widget.redraw,
      panel: () => widget.panel.element,
      composer: () => widget.panel.composer,
      limit: () => settings.config?.limits?.attachment_bytes ?? Infinity,
      tabName: (of) => `${prefix}files:${of}`,
      tab,
      async post(load, conversation, token) {
        const url = `${settings.origin}/v2/conversations/${conversation}/attachments`;
        return asMessage(await createCall(load, hint)('POST', url, token, {})) ?? unreadable();
      },
    }),
    onReady: () => widget.redraw(),
  });
  const chat = createChat({
    api,
    files,
    keys: createKeyStore(prefix, { timers, isKnown: () => store.sessionId() !== '' }),
    store,
    visitor: createVisitor(settings, report),
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
    tab,
    lock: tabLock(`${prefix}send`),
    makeId,
    locale: words.locale,
    isOnline: () => navigator.onLine,
    isRefused: reach.isRefused,
    report,
    isHidden: () => document.hidden,
    onChange() {
      earlier?.update();
      widget.redraw();
    },
    onOwn: () => widget.showDraft(),
    onCleared() {
      timers.clear(draftTimer);
      flushDraft = () => undefined;
      widget.emptyComposer();
    },
    onIncoming: notify,
  });
  const toggles = [
    toggle('sound', 'sound', soundOn, async () => {
      await unlock();
      sound?.play();
    }),
    ...(canVibrate ? [toggle('vibration', 'phone', vibrationOn, () => vibrate(60))] : []),
  ];
  const widget = createWidget({
    frame,
    drawFiles: (...args) => files.draw(...args),
    sending: files,
    settings,
    words,
    chat,
    loadWords: () => part('texts'),
    elapsed: timers.elapsed,
    async makeMenu(place) {
      const create = await part('menu');
      return create && create({
        ...place,
        t: words.t,
        toggles,
        hasEarlier: () => !!settings.identity && chat.sessionId() !== '',
        onEarlier: () => void openEarlier(),
        chat,
        announce: widget.announce,
        learn,
        addStyles: style,
      });
    },
    draft: {
      load: () => (flushDraft(), store.draft()),
      save(text) {
        flushDraft = () => {
          store.saveDraft(text);
          void chat.claim();
        };
        timers.clear(draftTimer);
        draftTimer = timers.set(flushDraft, text ? DRAFT_MS : 0);
      },
    },
    onOpenChange(open) {
      tabStorage.set('open', open);
      shell.tell({ type: open ? 'opened' : 'closed' });
      if (open) shell.onOpen();
      if (mayOffer()) files.offer();
    },
  });

  /** @param {string} css of a part */
  function style(css) {
    addStyles(frame.shadow, css, settings.nonce);
  }

  async function openEarlier() {
    const create = earlier ? null : await part('earlier');
    const { panel } = widget;
    earlier ??= create && create({
      t: words.t,
      locale: words.locale,
      now: chat.now,
      panel: panel.element,
      header: panel.header,
      chat,
      drawFiles: files.draw,
      wordsOf: widget.wordsOf,
      learn,
      addStyles: style,
      onClose() {
        panel.composer.focus();
        widget.redraw();
      },
    });
    panel.setAway(!earlier);
    if (widget.isOpen()) earlier?.open();
  }

  /** The words of a part, by language. @param {Record<string, import('./types').Strings>} ofPart */
  function learn(ofPart) {
    for (const [language, own] of Object.entries(ofPart)) Object.assign(BUILT_IN[language] ?? {}, own);
    translate = translator();
  }

  /** Browsers let a page sound only after the visitor has touched it. */
  async function unlock() {
    await wantSound();
    sound?.unlock();
  }

  /** What stands behind the page's own words. @param {import('./types').Strings} [ofServer] @param {{}} [builtIn] */
  function translator(ofServer = knownTexts(shell.entries(), shell.locale()), builtIn) {
    return createTranslate(shell.locale(), texts, byLocale, ofServer, builtIn);
  }

  /**
   * @param {'sound' | 'vibration'} key @param {'sound' | 'phone'} icon
   * @param {() => boolean} isOnNow @param {() => void} sample
   * @returns {import('./types').Toggle}
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

  /** @param {import('./types').Message} message */
  function notify(message) {
    widget.announceNews();
    shell.tell({ type: 'message', unread: chat.picture().unread });
    if (widget.hasAttention() || !isFirstToNotify(message.id)) return;
    if (soundOn()) sound?.play();
    if (canVibrate && vibrationOn()) vibrate([40, 60, 40]);
  }

  /** Of several open tabs only one rings. @param {string} messageId */
  function isFirstToNotify(messageId) {
    if (store.preference('rang') === messageId) return false;
    store.savePreference('rang', messageId);
    return true;
  }

  /** @param {EventTarget} target @param {string} type @param {(event: any) => void} listener */
  const on = (target, type, listener) =>
    target.addEventListener(type, listener, { signal, passive: true, capture: true });

  /** Any touch of the page will do, but only where there is something to hear. @param {Event} event */
  function unlockSound(event) {
    if (soundOn() && (chat.isActive() || event.target === frame.host)) void unlock();
  }

  on(window, 'online', chat.refresh);
  on(window, 'offline', () => widget.redraw());
  on(document, 'visibilitychange', () => !document.hidden && chat.refresh());
  on(window, 'pagehide', () => (flushDraft(), chat.pause()));
  on(window, 'pageshow', (event) => event.persisted && chat.resume());
  on(window, 'storage', (event) => {
    const key = store.ownKey(event.key);
    if (key) chat.storageChanged(key);
  });
  for (const type of ['pointerdown', 'keydown']) on(document, type, unlockSound);
  chat.start();
  widget.redraw();
  // Once the loader has the engine, of which an open chat asks more.
  if (wasOpenBefore && tabStorage.get('open') === null && !widget.isSmall()) {
    timers.set(() => signal.aborted || widget.setOpen(true, false), 0);
  }

  return {
    isOpen: widget.isOpen,
    /** @param {boolean} open @param {boolean} moveFocus */
    setOpen(open, moveFocus) {
      // The visitor has just pressed the button.
      if (open && moveFocus && soundOn()) void unlock();
      widget.setOpen(open, moveFocus);
    },
    measure: widget.measure,
    ownWords: (get, of) => ownWords(get, settings, of),
    retell() {
      translate = translator();
      pageWords = translator({}, {});
      widget.retell();
      earlier?.update();
      files.retell();
      if (mayOffer()) files.offer();
    },
    localeChanged: chat.localeChanged,
    forget: chat.forget,
    destroy() {
      flushDraft();
      chat.stop();
      files.destroy();
      earlier?.destroy();
      sound?.close();
      widget.destroy();
    },
  };
}

/** @type {import('./types').EngineModule} */
export const engine = {
  words: WORDS,
  async create(shell) {
    /** @param {string} name */
    const part = async (name) => (await shell.part(name, SMALLER[name]))?.(shared) ?? null;
    const { strings, stringsByLocale } = shell.settings;
    const json = hasJson() || part('json');
    // The first widget knew no tenants.
    const takeOver = shell.isDefault && hasFirst(shell.area) && part('first');
    const pageTexts = [strings, stringsByLocale].some((texts) => Object.keys(texts).length) && part('strings');
    const [ours, first, texts] = [await json, await takeOver, await pageTexts];
    if (!ours || first === null || texts === null || shell.signal.aborted) return null;
    if (ours !== true) standIn(ours);
    return createEngine(shell, part, first, texts);
  },
};
