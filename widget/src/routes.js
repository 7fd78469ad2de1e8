import { attempt } from './browser.js';

/** @typedef {import('./types').PathPattern} PathPattern */

/**
 * A pattern that begins with `#` looks at the hash, every other one at the path.
 * @param {PathPattern} pattern
 * @param {{pathname: string, hash: string}} location
 */
function matches(pattern, location) {
  if (pattern instanceof RegExp) {
    pattern.lastIndex = 0; // a /g or /y pattern would remember where it stopped last time
    return pattern.test(location.pathname);
  }
  if (typeof pattern !== 'string') return false;
  const subject = pattern.startsWith('#') ? location.hash : location.pathname;
  const source = bare(pattern)
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${source}$`).test(bare(subject));
}

/** `/cart/` and `/cart` are the same page. @param {string} path */
function bare(path) {
  return path.length > 1 ? path.replace(/\/+$/, '') || '/' : path;
}

/**
 * Whether the widget belongs on this page. Exclusion wins; an empty include list includes all.
 * @param {{pathname: string, hash: string}} location
 * @param {PathPattern[]} include
 * @param {PathPattern[]} exclude
 */
export function isPathAllowed(location, include, exclude) {
  if (exclude.some((pattern) => matches(pattern, location))) return false;
  return include.length === 0 || include.some((pattern) => matches(pattern, location));
}

/**
 * The part of the widget for pages that say where it belongs.
 * @param {import('./types').Settings} settings
 * @param {() => void} onChange
 * @returns {import('./types').Routes}
 */
export const createRoutes = ({ includePaths, excludePaths, observeRoute }, onChange) => ({
  isAllowed: () => isPathAllowed(location, includePaths, excludePaths),
  stop: observeRoute ? observeRoutes(onChange, window) : () => undefined,
});

/**
 * Calls back after every navigation that does not load a page. Returns the undo.
 * @param {() => void} onChange
 * @param {Window} win
 */
export function observeRoutes(onChange, win) {
  const { history } = win;
  let watching = true;
  const notify = () => {
    // After the router's own code has run, so that it sees the widget change last.
    if (watching) queueMicrotask(() => watching && onChange());
  };
  /** @param {'pushState' | 'replaceState'} name */
  const wrap = (name) => {
    const original = history[name];
    /** @this {History} @param {Parameters<History['pushState']>} args */
    const wrapped = function (...args) {
      original.apply(this, args);
      notify();
    };
    // A page may have frozen its history: then only moving back and forth is seen.
    attempt(() => (history[name] = wrapped));
    return () => {
      // Somebody may have wrapped it after us: then ours stays in the chain, silent.
      if (history[name] === wrapped) history[name] = original;
    };
  };
  const undo = [wrap('pushState'), wrap('replaceState')];
  win.addEventListener('popstate', notify);
  win.addEventListener('hashchange', notify);
  return () => {
    watching = false;
    undo.forEach((restore) => restore());
    win.removeEventListener('popstate', notify);
    win.removeEventListener('hashchange', notify);
  };
}
