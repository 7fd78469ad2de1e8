import { attempt } from '../browser.js';
import { isLocale } from '../languages.js';
import { cookie } from './cookies.js';

export const I18NEXT_KEY = 'i18nextLng';

/**
 * The language of the page: what i18next remembers of the visitor's choice, in storage or a cookie,
 * then the page's `lang`, then the browser's language.
 * @param {Storage | null} area
 * @returns {string}
 */
export function pageLocale(area) {
  const candidates = [
    attempt(() => area?.getItem(I18NEXT_KEY), '') ?? '',
    cookie(I18NEXT_KEY),
    document.documentElement.lang,
    navigator.language,
  ];
  return candidates.map((each) => each.trim().replace(/^"(.*)"$/, '$1')).find(isLocale) ?? 'en';
}
