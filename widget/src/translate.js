import { builtInFor, directionOf, layersOf } from './languages.js';
import { BUILT_IN } from './locales.js';

/** @typedef {import('./types').Strings} Strings */

/**
 * Says a text in a language, with its values filled in and in the right plural form.
 * @param {string} locale
 * @param {Strings} strings
 * @param {Record<string, Strings>} byLocale
 * @param {Strings} [entries] the tenant's
 * @param {Record<string, Strings>} [builtIn]
 * @returns {import('./types').Translate}
 */
export function createTranslate(locale, strings, byLocale, entries = {}, builtIn) {
  const { written, layers } = layersOf(locale, strings, byLocale, entries, builtIn);
  // Made when they are needed: a browser takes milliseconds for each.
  /** @type {Intl.PluralRules | undefined} */
  let plurals;
  /** @type {Intl.NumberFormat | undefined} */
  let numbers;
  const direction = directionOf(locale);

  /** @param {string | number} value */
  const filling = (value) =>
    typeof value === 'number' ? (numbers ??= new Intl.NumberFormat(locale)).format(value) : isolate(value, direction);

  /** @param {number} count */
  const pluralForm = (count) => (plurals ??= new Intl.PluralRules(locale)).select(count);
  /** The tenant's plural forms are all there are: ours may be of another text. @param {string} key */
  const formsOf = (key) => (`${key}_other` in entries ? written : layers);

  return (key, values = {}, otherwise = key) => {
    const count = values.count;
    const plural =
      typeof count === 'number' ? find(`${key}_${pluralForm(count)}`, formsOf(key)) : undefined;
    const template = plural ?? find(key, layers) ?? find(`${key}_other`, layers) ?? otherwise;
    return template.replace(/\{(\w+)\}/g, (whole, name) => {
      const value = values[name];
      // `{constructor}` names what every object has, and nothing of ours.
      return typeof value === 'string' || typeof value === 'number' ? filling(value) : whole;
    });
  };
}

/** @param {string} key @param {Strings[]} layers */
const find = (key, layers) => layers.find((layer) => typeof layer[key] === 'string')?.[key];

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
