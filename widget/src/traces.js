import { attempt } from './browser.js';
import { isKept, read } from './chat/area.js';
import { cookie, deleteCookie } from './compat/cookies.js';

const BUSY = ['session', 'pending'];
const FIRST_WIDGET = ['id', 'token', 'open', 'draft', 'name'];

/**
 * Whether this browser has a conversation, something unsent, or what the first widget has left. One
 * that keeps nothing here may have a session in IndexedDB, which the engine looks at.
 * @param {Storage | null} area @param {string} prefix
 * @param {boolean} isDefault the first widget knew no tenants
 */
export function hasTraces(area, prefix, isDefault) {
  return !isKept(area) || BUSY.some((key) => read(area, prefix + key)) || (isDefault && hasFirst(area));
}

/** What the first widget has left; its id was in a cookie as well. @param {Storage | null} area */
export const hasFirst = (area) => FIRST_WIDGET.some((key) => read(area, `scw:${key}`)) || !!cookie('scw_id');

/**
 * What is kept of the visitor goes, with the session's key.
 * @param {Storage | null} area @param {string} prefix @param {boolean} isDefault
 */
export function clearTraces(area, prefix, isDefault) {
  attempt(() => {
    for (const key of Object.keys(area ?? {})) {
      if (key.startsWith(prefix) || (isDefault && /^scw:(?!no)/.test(key))) area?.removeItem(key);
    }
  });
  if (isDefault) for (const name of ['scw_id', 'scw_token']) deleteCookie(name);
  attempt(() => indexedDB.deleteDatabase(prefix));
}
