import { attempt } from '../browser.js';

/** @param {string} name @returns {string} '' when there is none, or the page may not have any */
export const cookie = (name) =>
  attempt(() => {
    const found = document.cookie.split('; ').find((pair) => pair.startsWith(`${name}=`));
    return decodeURIComponent(found?.slice(name.length + 1) ?? '');
  }, '');

/** @param {string} name */
export function deleteCookie(name) {
  if (cookie(name)) document.cookie = `${name}=; Max-Age=0; path=/`;
}
