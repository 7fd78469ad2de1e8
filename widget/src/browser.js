/**
 * What a browser may have, and may refuse all the same: in a sandboxed frame, an insecure page, a
 * private window, under a policy, or after a script of the page has replaced it. Each of these
 * falls back to something that works.
 */

/**
 * The result of `use`, or `otherwise` where the browser refuses.
 * @template T
 * @overload
 * @param {() => T} use
 * @param {T} otherwise
 * @returns {T}
 */
/**
 * @overload
 * @param {() => unknown} use
 * @returns {unknown}
 */
/** @param {() => unknown} use @param {unknown} [otherwise] @returns {unknown} */
export function attempt(use, otherwise) {
  try {
    return use();
  } catch {
    return otherwise; // refusing is the browser's right, and `otherwise` is the answer to it
  }
}

/** @type {Set<string>} */
const reported = new Set();

/** Tells the page's developers, once for each fault. @param {unknown} error @param {string} [hint] */
export function report(error, hint = '') {
  const words = hint || String(error);
  if (reported.has(words)) return;
  reported.add(words);
  console.error(...(hint ? [`SupportChat: ${hint}`] : ['SupportChat:', error]));
}

/**
 * @param {string} query
 * @param {() => void} onChange
 * @param {AbortSignal} signal
 * @returns {() => boolean} whether it matches now
 */
export function watchMedia(query, onChange, signal) {
  const list = attempt(() => matchMedia(query), null);
  attempt(() => list?.addEventListener('change', onChange, { signal }));
  return () => !!list?.matches;
}

/** @param {() => void} work */
export function whenBodyExists(work) {
  if (document.body) work();
  else document.addEventListener('DOMContentLoaded', work, { once: true });
}
