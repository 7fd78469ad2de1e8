import { watchMedia } from '../browser.js';
import { hasColors, pageScheme } from '../compat/page_look.js';

// A part that did not come is sought again. Seeking it changes the page's <head>, so that a change of the
// page is no reason to.
const AGAIN_MS = 60_000;

/**
 * Puts colours on the root: what the options say, then what the page itself looks like, then ours.
 * Follows the visitor's system. Returns what to call once the root is on the page, and when the page or
 * the options may have changed: it answers with a promise where the part for the page's own colours is
 * on its way.
 * @param {HTMLElement} root
 * @param {() => import('../types').Theme} read
 * @param {AbortSignal} signal
 * @param {() => Promise<any>} load the part, null where it cannot be had
 * @returns {() => Promise<void> | undefined}
 */
export function applyTheme(root, read, signal, load) {
  const isSystemDark = watchMedia('(prefers-color-scheme: dark)', () => apply(), signal);
  let before = '';
  /** @type {string[]} */
  let painted = [];
  /** @type {import('../types').Look | null} */
  let look = null;
  /** @type {Promise<void> | undefined} */
  let coming;

  async function want() {
    look = (await load())?.(root) ?? null;
    if (look) again();
    else setTimeout(again, AGAIN_MS);
  }

  function again() {
    coming = undefined;
    if (!signal.aborted) apply();
  }

  const apply = () => {
    const theme = read();
    if (typeof theme.radius === 'number') set('--radius', `${Math.max(0, theme.radius)}px`);
    if (theme.font) set('--font', theme.font);
    const brand = theme.brand ?? '';
    const isSpecial = hasColors() || (brand && !theme.colors);
    if (isSpecial && !look) coming ??= want();
    const own = isSpecial && look ? look(brand) : null;
    const wanted = theme.scheme === 'light' || theme.scheme === 'dark' ? theme.scheme : null;
    const scheme = wanted ?? pageScheme(own?.isPaperDark, isSystemDark());
    const values = Object.entries(own ? own.paint(scheme) : (theme.colors?.[scheme] ?? {}));
    const now = scheme + values;
    if (now === before) return coming;
    before = now;
    root.dataset.scheme = scheme;
    for (const name of painted) set(name, ''); // the style sheet's own colours count again
    for (const [name, value] of values) set(name, value);
    painted = values.map(([name]) => name);
    return coming;
  };

  /** @param {string} name @param {string} value */
  const set = (name, value) => root.style.setProperty(name, value);
  return apply;
}
