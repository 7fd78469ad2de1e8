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

/**
 * Where a text is looked for, first hit wins: the page's strings for the exact locale, its language
 * and `default`, the page's plain `strings`, what the tenant has written on the server, then the
 * built-in ones for the exact locale and its language, then English.
 * @param {string} locale
 * @param {Strings} strings
 * @param {Record<string, Strings>} byLocale
 * @param {Strings} [entries] the tenant's
 * @param {Record<string, Strings>} [builtIn]
 * @returns {import('./types').Translate}
 */
export function createTranslate(locale, strings, byLocale, entries = {}, builtIn = BUILT_IN) {
  const language = languageOf(locale);
  const written = [...pick(byLocale, [locale, language, 'default']), strings, entries];
  const layers = [...written, ...pick(builtIn, [locale, language, 'en'])];
  const plurals = new Intl.PluralRules(locale);
  const numbers = new Intl.NumberFormat(locale);
  const direction = directionOf(locale);

  /** @param {string | number} value */
  const filling = (value) =>
    typeof value === 'number' ? numbers.format(value) : isolate(value, direction);

  /** @param {string} key */
  const find = (key, from = layers) => from.find((layer) => typeof layer[key] === 'string')?.[key];
  /** The tenant's plural forms are all there are: ours may be of another text. @param {string} key */
  const formsOf = (key) => (`${key}_other` in entries ? written : layers);

  return (key, values = {}, otherwise = key) => {
    const count = values.count;
    const plural =
      typeof count === 'number' ? find(`${key}_${plurals.select(count)}`, formsOf(key)) : undefined;
    const template = plural ?? find(key) ?? find(`${key}_other`) ?? otherwise;
    return template.replace(/\{(\w+)\}/g, (whole, name) => {
      const value = values[name];
      // `{constructor}` names what every object has, and nothing of ours.
      return typeof value === 'string' || typeof value === 'number' ? filling(value) : whole;
    });
  };
}

const RTL_LETTERS = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/g;

/**
 * A name that runs against the sentence around it, between marks that keep the two apart: what
 * `<bdi>` does, but for `aria-label` as well.
 * @param {string} value
 * @param {'rtl' | 'ltr'} direction of the sentence
 */
function isolate(value, direction) {
  const others = value.replace(RTL_LETTERS, '');
  const runsAgainst = direction === 'rtl' ? /[\p{L}\p{N}]/u.test(others) : others !== value;
  return runsAgainst ? `\u2068${value}\u2069` : value;
}

const PLURAL_FORM = /_(zero|one|two|few|many|other)$/;

/** The language that is built in for a locale. @param {string} locale */
export const builtInFor = (locale) => (languageOf(locale) in BUILT_IN ? languageOf(locale) : 'en');

/**
 * Of what a server has sent, the texts that the widget has a place for by now.
 * @param {unknown} entries
 * @param {string} [locale]
 * @returns {Strings}
 */
export function knownTexts(entries, locale = 'en') {
  if (!entries || typeof entries !== 'object') return {};
  const keys = Object.keys(BUILT_IN[builtInFor(locale)] ?? {});
  const counted = new Set(keys.filter((key) => PLURAL_FORM.test(key)).map(stemOf));
  const known = new Set(keys.map(stemOf));
  return Object.fromEntries(
    Object.entries(entries).filter(([key, text]) => {
      const stem = stemOf(key);
      return typeof text === 'string' && text !== '' && (stem === key ? known : counted).has(stem);
    }),
  );
}

/** @param {string} key */
const stemOf = (key) => key.replace(PLURAL_FORM, '');

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
