/** @typedef {[number, number, number]} Rgb */

const WHITE = /** @type {Rgb} */ ([255, 255, 255]);
const INK = /** @type {Rgb} */ ([14, 17, 22]);
const BLACK = /** @type {Rgb} */ ([0, 0, 0]);

/** @param {(number | undefined)[]} parts @returns {Rgb} */
export const rgb = (parts) => [parts[0] ?? 0, parts[1] ?? 0, parts[2] ?? 0];

/** @param {Rgb} from @param {Rgb} to @param {number} share 0–1 of `to` @returns {Rgb} */
export const mix = (from, to, share) => rgb(from.map((part, i) => part + ((to[i] ?? 0) - part) * share));

/** @param {Rgb} color */
export const toCss = (color) => `rgb(${color.map(Math.round).join(' ')})`;

/** Relative luminance as WCAG 2 defines it, 0–1. @param {Rgb} color */
function luminance(color) {
  const [r, g, b] = rgb(
    color.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    }),
  );
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** WCAG 2 contrast ratio, 1–21. @param {Rgb} a @param {Rgb} b */
export function contrast(a, b) {
  const [one, other] = [luminance(a) + 0.05, luminance(b) + 0.05];
  return one > other ? one / other : other / one;
}

/**
 * White or near-black, whichever reads better on `color`; black for the few greys in the middle
 * where neither reaches 4.5, which black does whenever white does not.
 * @param {Rgb} color
 */
export function inkOn(color) {
  const better = contrast(WHITE, color) >= contrast(INK, color) ? WHITE : INK;
  return contrast(better, color) >= 4.5 ? better : BLACK;
}

/**
 * The colour nearest to `color` that reaches `minimum` against `background`.
 * @param {Rgb} color
 * @param {Rgb} background
 * @param {number} minimum
 * @returns {Rgb}
 */
export function readableOn(color, background, minimum) {
  const towards = inkOn(background);
  for (let share = 0; share < 1; share += 0.05) {
    const mixed = mix(color, towards, share);
    if (contrast(mixed, background) >= minimum) return mixed;
  }
  return towards;
}

/** Whether light text is the one to read on it. @param {Rgb} color */
export const isDark = (color) => contrast(WHITE, color) > contrast(BLACK, color);
