import { inkOn, parseColor, readableOn, toCss } from '../contrast.js';

/** @typedef {import('../contrast.js').Rgb} Rgb */

/** What the computed colours are measured against; the same values as in styles.css. */
/** @type {Record<import('../types').Scheme, {brand: Rgb, paper: Rgb, bubble: Rgb}>} */
const PAPER = {
  light: { brand: [59, 91, 219], paper: [255, 255, 255], bubble: [245, 246, 248] },
  dark: { brand: [116, 143, 252], paper: [18, 21, 28], bubble: [35, 41, 54] },
};

/**
 * Puts colour scheme and the page's own brand on the root, and follows the visitor's system while
 * the scheme is 'auto'. Text on the brand colour and brand-coloured text are computed for contrast.
 * @param {HTMLElement} root
 * @param {import('../types').Theme} theme
 * @param {AbortSignal} signal
 */
export function applyTheme(root, theme, signal) {
  const dark = matchMedia('(prefers-color-scheme: dark)');

  const apply = () => {
    const wanted = theme.scheme === 'light' || theme.scheme === 'dark' ? theme.scheme : null;
    const scheme = wanted ?? (dark.matches ? 'dark' : 'light');
    const { brand: standard, paper, bubble } = PAPER[scheme];
    const brand = (theme.brand && computed(root, theme.brand)) || standard;
    // A navy brand on dark paper would be a hole in it.
    const surface = scheme === 'dark' ? readableOn(brand, paper, 3) : brand;
    root.dataset.scheme = scheme;
    set(root, '--brand', toCss(surface));
    set(root, '--brand-ink', toCss(inkOn(surface)));
    set(root, '--brand-text', toCss(readableOn(surface, bubble, 4.5)));
  };
  dark.addEventListener('change', apply, { signal });
  apply();
  if (typeof theme.radius === 'number') set(root, '--radius', `${Math.max(0, theme.radius)}px`);
  if (theme.font) set(root, '--font', theme.font);
}

/** @param {HTMLElement} root @param {string} name @param {string} value */
const set = (root, name, value) => root.style.setProperty(name, value);

/** Any CSS colour as numbers; null for what the browser does not know. @param {HTMLElement} root @param {string} color */
function computed(root, color) {
  const direct = parseColor(color);
  if (direct) return direct;
  const probe = document.createElement('i');
  probe.style.color = color;
  if (!probe.style.color) return null;
  root.append(probe);
  const known = parseColor(getComputedStyle(probe).color);
  probe.remove();
  return known;
}
