import { attempt } from './browser.js';
import { createInstance } from './instance.js';
import { pageLocale } from './compat/page_locale.js';
import { createSwitches } from './compat/switches.js';
import { storageArea } from './chat/storage.js';
import { offer } from './offer.js';
import { readOptions } from './options.js';

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
const scriptUrl = tag?.src ?? '';
// Copied now: what the tag says later, or that it is gone, changes nothing.
const scriptData = { ...tag?.dataset };

/** @type {import('./types').Controls | null} */
let instance = null;

/**
 * One page, one widget: a second call changes nothing.
 * @param {import('./types').Options} options @param {string} [tenant]
 */
function start(options, tenant) {
  instance ??= createInstance(
    readOptions(options, {
      scriptUrl,
      scriptData,
      pageOrigin: location.origin,
      pageLocale: pageLocale(storageArea('localStorage')),
      savedVolume: createSwitches().volume(),
      tenant,
    }),
  );
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

offer(api);
offer(apiV2, 'SupportChatV2');

/** A tag that names its tenant needs no second one; an `init` of the page's own comes before it. */
function initByTag() {
  if (window.SupportChat === api) api.init();
}

if (scriptData.tenant || scriptData.key) {
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', initByTag, { once: true });
  else setTimeout(initByTag); // after the tag's own `onload`
}
