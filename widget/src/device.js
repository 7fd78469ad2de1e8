import { attempt } from './browser.js';

/** @param {Element} element @param {() => void} onResize @returns {() => void} the undo */
export function watchSize(element, onResize) {
  const observer = attempt(() => new ResizeObserver(onResize), null);
  observer?.observe(element);
  return () => observer?.disconnect();
}

/** @param {number | number[]} pattern */
export const vibrate = (pattern) => attempt(() => navigator.vibrate(pattern), false);
