/** @typedef {[number, number, number]} Rgb */

const WHITE = /** @type {Rgb} */ ([255, 255, 255]);
const INK = /** @type {Rgb} */ ([14, 17, 22]);
const BLACK = /** @type {Rgb} */ ([0, 0, 0]);

/**
 * `#rgb`, `#rrggbb` (alpha ignored) and `rgb()` as browsers compute it; anything else is null.
 * @param {string} text
 * @returns {Rgb | null}
 */
export function parseColor(text) {
  const hex = /^#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/i.exec(text.trim())?.[1];
  if (hex) {
    const digits = hex.length < 6 ? [...hex].map((digit) => digit + digit).join('') : hex;
    return rgb([0, 2, 4].map((at) => parseInt(digits.slice(at, at + 2), 16)));
  }
  const numbers = /^rgba?\(([^)]+)\)$/i.exec(text.trim())?.[1]?.split(/[\s,/]+/).map(Number);
  return numbers && numbers.slice(0, 3).every((n) => n >= 0 && n <= 255) ? rgb(numbers) : null;
}

/** @param {number[]} parts @returns {Rgb} */
const rgb = (parts) => [parts[0] ?? 0, parts[1] ?? 0, parts[2] ?? 0];

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
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
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
    const mixed = rgb(color.map((part, i) => part + ((towards[i] ?? 0) - part) * share));
    if (contrast(mixed, background) >= minimum) return mixed;
  }
  return towards;
}
