import { attempt } from './browser.js';
import { createInstance } from './instance.js';
import { pageLocale } from './compat/page_locale.js';
import { storageArea } from './chat/area.js';
import { offer } from './offer.js';
import { readOptions } from './options.js';
import { PARTS } from 'built:parts';

/** @typedef {import('./types').SupportChatApi} SupportChatApi */

// Known only while the script itself runs; a module or an injected text has none.
// Asked of the prototype: a page may have an image of the name `currentScript`. And not by the name
// `Document`, under which old libraries put something else.
const script =
  attempt(() => {
    const prototype = Object.getPrototypeOf(Object.getPrototypeOf(document));
    return Object.getOwnPropertyDescriptor(prototype, 'currentScript')?.get?.call(document);
  }, null) ?? document.currentScript;
const tag = script?.localName === 'script' ? /** @type {HTMLScriptElement} */ (script) : null;
const RENEWALS = 2;

/** Copied now: what the tag says later, or that it is gone, changes nothing. @type {import('./types').HostPage} */
const own = {
  scriptUrl: tag?.src ?? '',
  scriptData: { ...tag?.dataset },
  nonce: tag?.nonce ?? '',
  renew,
};
// A tag with a hash runs this build and no other.
const isPinned = !!tag?.integrity;

/** @type {import('./types').Instance | null} */
let instance = null;
/** @type {[import('./types').Options, string | undefined]} */
let given = [{}, undefined];
let origin = '';
let renewals = 0;
let build = String(Object.values(PARTS));
const ownBuild = build;
let isAwaiting = false;

/** @type {import('./types').Create} */
function create(options, tenant, page) {
  const settings = readOptions(options, {
    ...page,
    pageOrigin: location.origin,
    pageLocale: () => pageLocale(storageArea('localStorage')),
    tenant,
  });
  origin = settings.origin;
  return createInstance(settings, page);
}

/**
 * One page, one widget: a second call changes nothing.
 * @param {import('./types').Options} options @param {string} [tenant]
 */
function start(options, tenant) {
  if (instance) return;
  given = [options, tenant];
  instance = create(options, tenant, own);
}

/**
 * After an upgrade of the server, parts of this build may be gone: then the loader of the present
 * build is fetched, which takes over.
 */
async function renew() {
  if (isPinned || renewals >= RENEWALS) return false;
  const before = renewals;
  isAwaiting = true;
  try {
    await import(`${origin}/widget.min.js?now=${Date.now()}`);
  } catch {
    // The server is away as well, or refused.
  }
  isAwaiting = false;
  return renewals > before; // two may ask at a time
}

/** @param {unknown} options @returns {any} */
const asObject = (options) => (options && typeof options === 'object' ? options : {});

/** @type {SupportChatApi} */
const api = {
  init(options) {
    start(asObject(options));
    return api;
  },
  show: () => instance?.show(),
  hide: () => instance?.hide(),
  recheck: () => instance?.recheck(),
  setLocale: async (locale) => instance?.setLocale(locale),
  open: () => instance?.open(),
  close: () => instance?.close(),
  forget: async () => instance?.forget(),
  destroy() {
    instance?.destroy();
    instance = null;
  },
  adopt(createNext, nextBuild) {
    // In the middle of an upgrade, the same one may come once more, whose parts are still away.
    if (!isAwaiting || !instance || nextBuild === build) return;
    isAwaiting = false;
    renewals += 1;
    build = nextBuild;
    const { open, focus, hidden, locale } = instance.destroy();
    instance = createNext(...given, own);
    if (locale) void instance.setLocale(locale);
    if (hidden) instance.hide();
    else if (open) instance.open(focus);
  },
};

/** The same widget: what the tenant has set counts here also for the default tenant. */
const apiV2 = /** @type {SupportChatApi} */ ({
  ...api,
  init(options) {
    const { open, ...others } = asObject(options);
    start({ openOnLoad: open, ...others }, 'default');
    return apiV2;
  },
});

const present = [window.SupportChat, window.SupportChatV2].find((each) => typeof each?.adopt === 'function');
if (present) present.adopt(create, ownBuild);
else {
  offer(api);
  offer(apiV2, 'SupportChatV2');
}

/** A tag that names its tenant needs no second one; an `init` of the page's own comes before it. */
function initByTag() {
  if (window.SupportChat === api) api.init();
}

if (own.scriptData.tenant || own.scriptData.key) {
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', initByTag, { once: true });
  else setTimeout(initByTag); // after the tag's own `onload`
}
