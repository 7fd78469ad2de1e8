import { hintAt, ignoredOptions } from './compat/hint.js';
import { readTexts, readTextsByLocale } from './compat/strings.js';

/** @typedef {import('./types').Options} Options */
/** @typedef {import('./types').Settings} Settings */

/**
 * Reads what the page gave us. A wrong value falls back to the default: a typo in an embed
 * snippet must not take the chat away from the page's visitors.
 * @param {Options} given
 * @param {{
 *   scriptUrl: string, scriptData: DOMStringMap, pageOrigin: string, pageLocale: string,
 *   savedVolume?: unknown, tenant?: string,
 * }} surroundings `tenant`: whose chat it is when neither the page nor the tag says so
 * @returns {Settings}
 */
export function readOptions(given, { scriptUrl, scriptData, pageOrigin, pageLocale, savedVolume, tenant = '' }) {
  /** @type {string[]} */
  const ignored = [];
  /** @param {string} option */
  const ignoredIn = (option) => (/** @type {string} */ key) => void ignored.push(`${option}.${key}`);
  const settings = {
    origin: originOf(text(given.origin)) || originOf(scriptUrl) || pageOrigin,
    ...tenantOf(given, scriptData, tenant),
    position: sideOf(text(given.position)),
    locale: text(given.locale) || pageLocale || 'en',
    followsPage: !text(given.locale),
    strings: readTexts(given.strings, ignoredIn('strings')),
    stringsByLocale: readTextsByLocale(given.stringsByLocale, ignoredIn('stringsByLocale')),
    showSoundToggle: flag(given.showSoundToggle, true),
    showVibrationToggle: flag(given.showVibrationToggle, true),
    soundVolume: within(given.soundVolume, 0, 1, within(savedVolume, 0, 1, 0.5)),
    soundGain: within(given.soundGain, 0, 5, 1),
    soundDefaultOn: flag(given.soundDefaultOn, false),
    vibrationDefaultOn: flag(given.vibrationDefaultOn, false),
    contact: text(given.contact),
    openOnLoad: flag(given.openOnLoad, false),
    includePaths: list(given.includePaths),
    excludePaths: list(given.excludePaths),
    observeRoute: flag(given.observeRoute, true),
    theme: record(given.theme),
    nonce: text(given.nonce),
    attributes: flat(given.attributes),
    identity: given.identity ?? '',
    onEvent: typeof given.onEvent === 'function' ? given.onEvent : () => undefined,
  };
  const withoutEffect = ignoredOptions({ ...given }, settings);
  hintAt([...withoutEffect, ...ignored]);
  return {
    ...settings,
    isConfigured: !!(settings.tenant || settings.key),
    given: keys(given).filter((name) => given[name] != null && name in settings && !withoutEffect.includes(name)),
  };
}

/**
 * What `init` names counts; only when it names nobody, the script's own tag does.
 * @param {Options} given @param {DOMStringMap} scriptData @param {string} otherwise
 */
function tenantOf(given, scriptData, otherwise) {
  const named = text(given.tenant) || text(given.key) ? given : scriptData;
  const key = text(named.key);
  return { tenant: text(named.tenant).toLowerCase() || (key ? '' : otherwise), key };
}

/** @param {Options} options */
const keys = (options) => /** @type {(keyof Options)[]} */ (Object.keys(options));

/** @param {unknown} value */
const text = (value) => (typeof value === 'string' ? value.trim() : '');

/** @param {unknown} value @param {boolean} otherwise */
const flag = (value, otherwise) => (typeof value === 'boolean' ? value : otherwise);

/** @param {unknown} value @returns {any} */
const record = (value) => (value && typeof value === 'object' ? value : {});

/** What has members of its own may have itself among them. @param {unknown} value */
const flat = (value) =>
  Object.fromEntries(Object.entries(record(value)).filter(([, each]) => /^(string|number|boolean)$/.test(typeof each)));

/** A single pattern is taken for a list of one. @param {any} value */
const list = (value) => (value === undefined || value === null ? [] : [].concat(value));

/** @param {unknown} value @param {number} low @param {number} high @param {number} otherwise */
const within = (value, low, high, otherwise) =>
  typeof value === 'number' && value === value ? Math.min(high, Math.max(low, value)) : otherwise;

/** @param {string} url */
function originOf(url) {
  // Not by URL: pages have a variable of that name.
  return /^https?:\/\/[^\s/?#@\\]+(?=[/?#]|$)/i.exec(url)?.[0].toLowerCase() ?? '';
}

/** @param {string} position @returns {'left' | 'right' | ''} */
function sideOf(position) {
  const side = /(left|right)$/.exec(position.toLowerCase());
  return side ? /** @type {'left' | 'right'} */ (side[1]) : '';
}
