import en from './locales/en.js';

/** @typedef {import('./types').Strings} Strings */

/** Built-in languages. Adding one: a file beside en.js with the same keys, and a line here. */
/** @type {Record<string, Strings>} */
export const BUILT_IN = { en };

const RIGHT_TO_LEFT = /^(ar|arc|ckb|dv|fa|he|iw|ku|ps|sd|ug|ur|yi)$/;

/** `en_us` → `en-US`; what no browser would understand becomes `en`. @param {string} locale */
export function normaliseLocale(locale) {
  try {
    return new Intl.Locale(locale.trim().replace(/_/g, '-')).toString();
  } catch {
    return 'en';
  }
}

/** @param {string} locale */
export const languageOf = (locale) => (locale.split('-')[0] ?? '').toLowerCase();

/** @param {string} locale @returns {'rtl' | 'ltr'} */
export const directionOf = (locale) => (RIGHT_TO_LEFT.test(languageOf(locale)) ? 'rtl' : 'ltr');

/**
 * Where a text is looked for, first hit wins: the page's strings for the exact locale, its language
 * and `default`, the page's plain `strings`, then the built-in ones in the same order, then English.
 * @param {string} locale
 * @param {Strings} strings
 * @param {Record<string, Strings>} byLocale
 * @param {Record<string, Strings>} [builtIn]
 * @returns {import('./types').Translate}
 */
export function createTranslate(locale, strings, byLocale, builtIn = BUILT_IN) {
  const language = languageOf(locale);
  const layers = [
    ...pick(byLocale, [locale, language, 'default']),
    strings,
    ...pick(builtIn, [locale, language, 'en']),
  ];
  const plurals = new Intl.PluralRules(locale);

  /** @param {string} key */
  const find = (key) => layers.find((layer) => typeof layer[key] === 'string')?.[key];

  return (key, values = {}) => {
    const count = values.count;
    const plural = typeof count === 'number' ? find(`${key}_${plurals.select(count)}`) : undefined;
    const template = plural ?? find(key) ?? find(`${key}_other`) ?? key;
    return template.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
  };
}

/**
 * Locale names are compared without regard to case and `_`/`-`.
 * @param {Record<string, Strings>} table
 * @param {string[]} names
 * @returns {Strings[]}
 */
function pick(table, names) {
  /** @param {string} name */
  const plain = (name) => name.toLowerCase().replace(/_/g, '-');
  return names.flatMap((name) => {
    const key = Object.keys(table).find((candidate) => plain(candidate) === plain(name));
    const layer = key === undefined ? undefined : table[key];
    return layer && typeof layer === 'object' ? [layer] : [];
  });
}
