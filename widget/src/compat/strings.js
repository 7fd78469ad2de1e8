import { hintAt } from '../options.js';

/** @typedef {import('../types').Strings} Strings */

/** What the first widget called its texts, where ours are named otherwise. */
const ALIASES = new Map(Object.entries({
  chatButton: ['launcherLabel', 'launcherOpen'],
  inputPlaceholder: ['placeholder'],
  sendLabel: ['send'],
  editLabel: ['nameEdit'],
  editNamePlaceholder: ['namePlaceholder', 'name'],
  saveLabel: ['nameSave'],
  cancelLabel: ['nameCancel'],
  connecting: ['loading'],
  closedPrompt: ['closed'],
}));

/**
 * The texts of the page under our names. A text under its new name wins over the old name's.
 * @param {unknown} given
 * @param {(key: string) => void} ignored called for each value that is not a text
 * @returns {Strings}
 */
export function readTexts(given, ignored) {
  /** @type {Strings} */
  const texts = {};
  /** @type {Strings} */
  const aliases = {};
  for (const [key, value] of Object.entries(given && typeof given === 'object' ? given : {})) {
    if (value === undefined || value === null) continue;
    if (typeof value !== 'string') ignored(key);
    else if (key === 'joinedSuffix') aliases.joined = `{agent}${value}`;
    else if (ALIASES.has(key)) ALIASES.get(key)?.forEach((name) => (aliases[name] = value));
    else texts[key] = value;
  }
  return { ...aliases, ...texts };
}

/**
 * The page's texts under our names. What is no text is named in the console.
 * @param {{strings: unknown, stringsByLocale: unknown}} settings
 */
export function pageTexts({ strings, stringsByLocale }) {
  /** @type {string[]} */
  const ignored = [];
  /** @param {string} option */
  const ignoredIn = (option) => (/** @type {string} */ key) => void ignored.push(`${option}.${key}`);
  const texts = readTexts(strings, ignoredIn('strings'));
  const byLocale = readTextsByLocale(stringsByLocale, ignoredIn('stringsByLocale'));
  hintAt(ignored);
  return { texts, byLocale };
}

/**
 * @param {unknown} given texts by locale
 * @param {(key: string) => void} ignored
 * @returns {Record<string, Strings>}
 */
export function readTextsByLocale(given, ignored) {
  const table = Object.entries(given && typeof given === 'object' ? given : {});
  return Object.fromEntries(
    table.map(([locale, texts]) => {
      if (texts && typeof texts !== 'object') ignored(locale);
      return [locale, readTexts(texts, (key) => ignored(`${locale}.${key}`))];
    }),
  );
}
