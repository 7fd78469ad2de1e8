import { attempt } from '../browser.js';

// Under nobody's prefix, so that no tab hears of it.
const PROBE = 'chatorical';

/** Reading `window.localStorage` itself may throw. @param {'localStorage' | 'sessionStorage'} name */
export const storageArea = (name) => attempt(() => window[name], null);

/** What stands there; null for nothing. @param {Storage | null} area @param {string} key */
export const read = (area, key) => attempt(() => area?.getItem(key) ?? null, null);

/** Whether it keeps anything: some consent banners refuse without a word. @param {Storage | null} area */
export const isKept = (area) =>
  attempt(() => {
    area?.setItem(PROBE, '1');
    const kept = area?.getItem(PROBE) === '1';
    area?.removeItem(PROBE);
    return kept;
  }, false);
