/** @typedef {[number, number, number]} Rgb */
/** @typedef {[number, number, number, number?]} Color the last is alpha, unless it is 1 */

const WHITE = /** @type {Rgb} */ ([255, 255, 255]);
const INK = /** @type {Rgb} */ ([14, 17, 22]);
const BLACK = /** @type {Rgb} */ ([0, 0, 0]);

/**
 * `#rgb`, `#rrggbb`, both with alpha, and `rgb()` and `color(srgb …)` as browsers compute them;
 * anything else, and what cannot be seen at all, is null.
 * @param {string} text
 * @returns {Color | null}
 */
export function parseColor(text) {
  const hex = /^#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/i.exec(text.trim())?.[1];
  if (hex) {
    const digits = hex.length < 6 ? [...hex].map((digit) => digit + digit).join('') : hex;
    const [r, g, b, alpha = 255] = [0, 2, 4, 6]
      .filter((at) => at < digits.length)
      .map((at) => parseInt(digits.slice(at, at + 2), 16));
    return color([r, g, b], (alpha ?? 255) / 255);
  }
  const [, name, list = ''] = /^(rgba?|color)\((?:srgb )?([\d.,\s/%e-]+)\)$/i.exec(text.trim()) ?? [];
  if (!name) return null;
  const [r, g, b, alpha = '1'] = list.trim().split(/[\s,/]+/);
  const unit = name === 'color' ? 255 : 1; // a colour outside sRGB is cut to what screens show
  const parts = [r, g, b].map((part) => Number(part) * unit);
  if (parts.some((part) => Number.isNaN(part) || (unit === 1 && part > 255))) return null;
  return color(parts, parseFloat(alpha) / (alpha.endsWith('%') ? 100 : 1));
}

/** @param {(number | undefined)[]} parts @param {number} alpha @returns {Color | null} */
function color(parts, alpha) {
  const [r, g, b] = rgb(parts.map((part) => Math.min(255, Math.max(0, part ?? 0))));
  if (!(alpha > 0)) return null;
  return alpha < 1 ? [r, g, b, alpha] : [r, g, b];
}

/** @param {(number | undefined)[]} parts @returns {Rgb} */
const rgb = (parts) => [parts[0] ?? 0, parts[1] ?? 0, parts[2] ?? 0];

/** @param {Rgb} from @param {Rgb} to @param {number} share 0–1 of `to` @returns {Rgb} */
export const mix = (from, to, share) => rgb(from.map((part, i) => part + ((to[i] ?? 0) - part) * share));

/** What one sees of a colour on this background. @param {Color} color @param {Rgb} [background] */
export const solid = (color, background = WHITE) => mix(background, rgb(color), color[3] ?? 1);

/** Whether light text is the one to read on it. @param {Rgb} color */
export const isDark = (color) => contrast(WHITE, color) > contrast(BLACK, color);

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
    const mixed = mix(color, towards, share);
    if (contrast(mixed, background) >= minimum) return mixed;
  }
  return towards;
}
