import { pageVariables } from '../compat/page_look.js';
import { computed, solid } from './colors.js';
import { isDark } from './contrast.js';
import { palette } from './palette.js';

/** @typedef {import('./colors.js').Color} Color */

/** What a page may call its colours; the first that is set counts. */
const NAMES = {
  brand: ['primary-main'],
  brandLight: ['primary-light'],
  brandInk: ['primary-contrast', 'primary-contrastText', 'primary-contrast-text'],
  header: ['primary-dark'],
  paper: ['background-paper'],
  log: ['background-default'],
  ink: ['text-primary'],
  inkSoft: ['text-secondary'],
  line: ['border-main', 'divider'],
};

/** @typedef {Partial<Record<keyof typeof NAMES, Color>>} PageColors */

/**
 * The part of the widget for pages that have their colours as CSS variables, or name a brand: it paints the
 * widget with them.
 * @param {HTMLElement} root
 * @returns {import('../types').Look}
 */
export function createLook(root) {
  return (brand) => {
    const colors = pageColors((css) => computed(root, css), brand);
    return {
      isPaperDark: colors.paper && isDark(solid(colors.paper)),
      paint: (scheme) => palette(scheme, colors),
    };
  };
}

/** @param {(css: string) => Color | null} parse @param {string} option the brand, where the page or the tenant says it */
function pageColors(parse, option) {
  const variable = pageVariables();
  const { brand, ...surfaces } = /** @type {PageColors} */ (
    Object.fromEntries(
      Object.entries(NAMES).flatMap(([key, names]) => {
        const color = names.map((name) => parse(variable(name))).find(Boolean);
        return color ? [[key, color]] : [];
      }),
    )
  );
  const own = parse(option);
  // The page's other shades belong to its own brand colour.
  if (own) return { ...withoutBrand(surfaces), brand: own };
  return { ...surfaces, ...(brand && { brand }) };
}

/** @param {PageColors} colors @returns {PageColors} */
const withoutBrand = ({ brandLight, brandInk, header, ...others }) => others;
