import { createInstance } from './instance.js';
import { readOptions } from './options.js';

/** @typedef {import('./types').SupportChatApi} SupportChatApi */

// Known only while the script itself runs; a module or an injected text has none.
const script = document.currentScript;
const scriptUrl = script instanceof HTMLScriptElement ? script.src : '';

/** @type {import('./types').Controls | null} */
let instance = null;

/** @type {SupportChatApi} */
const api = {
  /** One page, one widget: a second call changes nothing and returns the same controls. */
  init(options = {}) {
    instance ??= createInstance(
      readOptions(options && typeof options === 'object' ? options : {}, {
        scriptUrl,
        pageOrigin: location.origin,
        pageLocale: document.documentElement.lang || navigator.language,
      }),
    );
    return api;
  },
  show: () => instance?.show(),
  hide: () => instance?.hide(),
  recheck: () => instance?.recheck(),
  setLocale: (locale) => instance?.setLocale(locale),
  open: () => instance?.open(),
  close: () => instance?.close(),
  destroy() {
    instance?.destroy();
    instance = null;
  },
};

// A page that includes the script twice keeps the widget that it has.
window.SupportChat ??= api;
