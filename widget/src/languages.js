import { BUILT_IN } from './locales.js';

/** @typedef {import('./types').Strings} Strings */

const RIGHT_TO_LEFT = /^(ar|arc|ckb|dv|fa|he|iw|ku|ps|sd|ug|ur|yi)$/;

/** `en_us` → `en-US`; what no browser would understand becomes `en`. @param {string} locale */
export function normaliseLocale(locale) {
  try {
    return new Intl.Locale(locale.trim().replace(/_/g, '-')).toString();
  } catch {
    return 'en';
  }
}

/**
 * Whether this names a language. `dev` and `cimode` are what i18next calls "none".
 * @param {string} locale
 */
export function isLocale(locale) {
  try {
    const { language } = new Intl.Locale(locale.replace(/_/g, '-'));
    return /^(?!dev)[a-z]{2,3}$/.test(language);
  } catch {
    return false;
  }
}

/** @param {string} locale */
export const languageOf = (locale) => (locale.split('-')[0] ?? '').toLowerCase();

/** @param {string} locale @returns {'rtl' | 'ltr'} */
export const directionOf = (locale) => (RIGHT_TO_LEFT.test(languageOf(locale)) ? 'rtl' : 'ltr');

/** The language that is built in for a locale. @param {string} locale */
export const builtInFor = (locale) => (languageOf(locale) in BUILT_IN ? languageOf(locale) : 'en');

/**
 * Where a text is looked for, first hit wins: the page's strings for the exact locale, its language
 * and `default`, the page's plain `strings`, what the tenant has written on the server, then the
 * built-in ones for the exact locale and its language, then English.
 * @param {string} locale
 * @param {Strings} strings
 * @param {Record<string, Strings>} byLocale
 * @param {Strings} [entries] the tenant's
 * @param {Record<string, Strings>} [builtIn]
 * @returns {{written: Strings[], layers: Strings[]}} `written`: without the built-in ones
 */
export function layersOf(locale, strings, byLocale, entries = {}, builtIn = BUILT_IN) {
  const language = languageOf(locale);
  const written = [...pick(byLocale, [locale, language, 'default']), strings, entries];
  return { written, layers: [...written, ...pick(builtIn, [locale, language, 'en'])] };
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
