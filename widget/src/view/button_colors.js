import { contrast, inkOn, readableOn, solid, toCss } from '../contrast.js';

/** @typedef {import('../contrast.js').Color} Color */
/** @typedef {import('../contrast.js').Rgb} Rgb */
/** @typedef {import('../compat/page_look.js').PageColors} PageColors */

/** @type {Record<import('../types').Scheme, {brand: Rgb, paper: Rgb, ink: Rgb}>} */
export const STANDARD = {
  light: { brand: [59, 91, 219], paper: [255, 255, 255], ink: [20, 23, 31] },
  dark: { brand: [116, 143, 252], paper: [18, 21, 28], ink: [236, 239, 244] },
};

/**
 * A colour of the page, where it can be used.
 * @param {Color | undefined} color @param {import('../types').Scheme} scheme
 * @param {boolean} ofDark whether it has to be dark
 * @param {number} least contrast: a surface of middle grey leaves no room for what stands on it
 * @returns {Rgb | undefined}
 */
export function fitting(color, scheme, ofDark, least) {
  const plain = color && solid(color, STANDARD[scheme].paper);
  return plain && contrast(plain, ofDark ? [255, 255, 255] : [0, 0, 0]) >= least ? plain : undefined;
}

/** The page's own surfaces. @param {import('../types').Scheme} scheme @param {PageColors} page */
export const ownPapers = (scheme, page) => ({
  paper: fitting(page.paper, scheme, scheme === 'dark', 7),
  log: fitting(page.log, scheme, scheme === 'dark', 7),
});

/**
 * The brand colour on this paper, and what is readable on it.
 * @param {import('../types').Scheme} scheme
 * @param {PageColors} page
 * @param {Rgb} paper
 */
export function brandColors(scheme, page, paper) {
  const wished = page.brand ? solid(page.brand, paper) : STANDARD[scheme].brand;
  // A navy brand on dark paper would be a hole in it.
  const brand = scheme === 'dark' ? readableOn(wished, paper, 3) : wished;
  const ink = page.brandInk && solid(page.brandInk, brand);
  return { brand, 'brand-ink': ink && contrast(ink, brand) >= 4.5 ? ink : inkOn(brand) };
}

/** As CSS variables; an empty value for none. @param {Record<string, Rgb | null>} colors @returns {Record<string, string>} */
export const asVariables = (colors) =>
  Object.fromEntries(Object.entries(colors).map(([name, color]) => [`--${name}`, color ? toCss(color) : '']));

/**
 * What the button needs, and what is said beside it.
 * @param {import('../types').Scheme} scheme
 * @param {PageColors} page
 */
export function buttonColors(scheme, page) {
  const own = ownPapers(scheme, page);
  const { ink, paper: standard } = STANDARD[scheme];
  const paper = own.paper ?? own.log ?? standard;
  return asVariables({ ...brandColors(scheme, page, paper), paper, ink });
}
