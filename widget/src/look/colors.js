import { mix, rgb } from './contrast.js';

/** @typedef {import('./contrast.js').Rgb} Rgb */
/** @typedef {[number, number, number, number?]} Color the last is alpha, unless it is 1 */

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

/** What one sees of a colour on this background. @param {Color} color @param {Rgb} [background] */
export const solid = (color, background = [255, 255, 255]) => mix(background, rgb(color), color[3] ?? 1);

/** Any CSS colour; null for what the browser does not know. @param {HTMLElement} root @param {string} css @returns {Color | null} */
export function computed(root, css) {
  const direct = parseColor(css);
  if (direct || !css) return direct;
  const probe = document.createElement('i');
  root.append(probe);
  // The first makes sRGB of every colour space, in browsers that can mix; "198 40 40" is how pages
  // write a colour that they use with different opacities.
  const found = [`color-mix(in srgb, ${css} 100%, red)`, css, `rgb(${css})`]
    .map((each) => {
      probe.style.color = '';
      probe.style.color = each;
      return probe.style.color ? parseColor(getComputedStyle(probe).color) : null;
    })
    .find(Boolean);
  probe.remove();
  return found ?? null;
}
