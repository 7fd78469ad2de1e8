/**
 * When to try again after `failures` failures in a row: half a second, doubling to `capMs`, spread
 * over its upper half so that thousands of widgets do not return in the same moment.
 * @param {number} failures from 1 on
 * @param {number} [capMs]
 * @param {() => number} [random] 0 ≤ x < 1
 */
export function backoffMs(failures, capMs = 30_000, random = Math.random) {
  const full = Math.min(capMs, 500 * 2 ** Math.min(failures - 1, 20));
  return Math.round(full / 2 + (full / 2) * random());
}
