/** @typedef {import('./types').Options} Options */
/** @typedef {import('./types').Settings} Settings */

/** Each option with its type, and what holds where the page says nothing. */
const DEFAULTS = {
  origin: '',
  tenant: '',
  key: '',
  position: '',
  locale: '',
  contact: '',
  nonce: '',
  strings: {},
  stringsByLocale: {},
  theme: {},
  attributes: {},
  includePaths: [],
  excludePaths: [],
  showSoundToggle: true,
  showVibrationToggle: true,
  observeRoute: true,
  soundDefaultOn: false,
  vibrationDefaultOn: false,
  openOnLoad: false,
  soundVolume: NaN,
  soundGain: 1,
  identity: '',
  onEvent: () => undefined,
};

/**
 * Reads what the page gave us. A wrong value falls back to the default: a typo in an embed
 * snippet must not take the chat away from the page's visitors. One line in the console says so to
 * the one who writes the page.
 * @param {Options} given
 * @param {{
 *   scriptUrl: string, scriptData: DOMStringMap, pageOrigin: string, pageLocale: () => string, tenant?: string,
 * }} surroundings `tenant`: whose chat it is when neither the page nor the tag says so
 * @returns {Settings}
 */
export function readOptions(given, { scriptUrl, scriptData, pageOrigin, pageLocale, tenant = '' }) {
  const settings = /** @type {Record<string, any>} */ ({ ...DEFAULTS });
  /** @type {string[]} */
  const taken = [];
  /** @type {string[]} */
  const ignored = [];
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null) continue;
    const usual = settings[name];
    const isFine = Array.isArray(usual) || (name in settings && (typeof value === typeof usual || name === 'identity'));
    // A single pattern is taken for a list of one.
    const read = Array.isArray(usual) ? usual.concat(value) : name === 'position' ? sideOf(value) : value;
    if (isFine && (read || name !== 'position')) {
      settings[name] = typeof read === 'string' ? read.trim() : read;
      taken.push(name);
    } else ignored.push(name);
  }
  hintAt(ignored);
  const { origin, locale } = settings;
  // What `init` names counts; only when it names nobody, the script's own tag does.
  const named = settings.tenant || settings.key ? settings : scriptData;
  const key = (named.key ?? '').trim();
  const slug = (named.tenant ?? '').trim().toLowerCase() || (key ? '' : tenant);
  return {
    .../** @type {Settings} */ (settings),
    origin: originOf(origin) || originOf(scriptUrl) || pageOrigin,
    tenant: slug,
    key,
    isConfigured: !!(slug || key),
    locale: locale || pageLocale() || 'en', // it reads a cookie, which is slow
    followsPage: !locale,
    given: /** @type {(keyof Options)[]} */ (taken),
  };
}

/** @param {string[]} names */
export function hintAt(names) {
  if (names.length) {
    console.warn(
      `Support chat: SupportChat.init ignored ${names.join(', ')}: unknown, or a value of the wrong type.`,
    );
  }
}

/** @param {string} url */
function originOf(url) {
  // Not by URL: pages have a variable of that name.
  return /^https?:\/\/[^\s/?#@\\]+(?=[/?#]|$)/i.exec(url)?.[0].toLowerCase() ?? '';
}

/** @param {any} position @returns {'left' | 'right' | undefined} */
const sideOf = (position) => /** @type {any} */ (/(left|right)\s*$/i.exec(position)?.[1]?.toLowerCase());
