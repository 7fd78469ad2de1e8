import { watchMedia } from '../browser.js';
import { pageColors, pageScheme } from '../compat/page_look.js';
import { parseColor } from '../contrast.js';
import { buttonColors } from './button_colors.js';

/** @typedef {import('../contrast.js').Color} Color */

/**
 * Puts colours on the root: what the options say, then what the page itself looks like, then ours.
 * Follows the visitor's system. Returns what to call once the root is on the page, when the page or
 * the options may have changed,
 * and with another function when there is more to paint than the button.
 * @param {HTMLElement} root
 * @param {() => import('../types').Theme} read
 * @param {AbortSignal} signal
 */
export function applyTheme(root, read, signal) {
  const isSystemDark = watchMedia('(prefers-color-scheme: dark)', () => apply(), signal);
  /** @param {string} css */
  const parse = (css) => computed(root, css);
  let before = '';
  /** @type {typeof buttonColors} */
  let paint = buttonColors;

  /** @param {typeof buttonColors} [more] */
  const apply = (more = paint) => {
    paint = more;
    const theme = read();
    if (typeof theme.radius === 'number') set(root, '--radius', `${Math.max(0, theme.radius)}px`);
    if (theme.font) set(root, '--font', theme.font);
    const { brand, ...surfaces } = pageColors(parse);
    const option = theme.brand ? parse(theme.brand) : null;
    const colors = option ? { ...withoutBrand(surfaces), brand: option } : { ...surfaces, ...(brand && { brand }) };
    const wanted = theme.scheme === 'light' || theme.scheme === 'dark' ? theme.scheme : null;
    const scheme = wanted ?? pageScheme(colors, isSystemDark(), parse);
    const values = Object.entries(paint(scheme, colors));
    const now = scheme + values;
    if (now === before) return;
    before = now;
    root.dataset.scheme = scheme;
    for (const [name, value] of values) set(root, name, value);
  };
  return apply;
}

/** The page's other shades belong to its own brand colour. @param {import('../compat/page_look.js').PageColors} colors */
const withoutBrand = ({ brandLight, brandInk, header, ...others }) => others;

/** @param {HTMLElement} root @param {string} name @param {string} value */
const set = (root, name, value) => root.style.setProperty(name, value);

/** Any CSS colour as numbers; null for what the browser does not know. @param {HTMLElement} root @param {string} color @returns {Color | null} */
function computed(root, color) {
  const direct = parseColor(color);
  if (direct || !color) return direct;
  const probe = document.createElement('i');
  root.append(probe);
  // The first makes sRGB of every colour space, in browsers that can mix; "198 40 40" is how pages
  // write a colour that they use with different opacities.
  const found = [`color-mix(in srgb, ${color} 100%, red)`, color, `rgb(${color})`]
    .map((css) => {
      probe.style.color = '';
      probe.style.color = css;
      return probe.style.color ? parseColor(getComputedStyle(probe).color) : null;
    })
    .find(Boolean);
  probe.remove();
  return found ?? null;
}
