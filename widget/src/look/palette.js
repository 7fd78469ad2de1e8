import { solid } from './colors.js';
import { contrast, inkOn, mix, readableOn, toCss } from './contrast.js';

/** @typedef {import('./contrast.js').Rgb} Rgb */
/** @typedef {import('./colors.js').Color} Color */
/** @typedef {import('./part.js').PageColors} PageColors */
/** @typedef {Record<'ink' | 'inkSoft' | 'paper' | 'paper2' | 'bubble' | 'line' | 'good' | 'warn' | 'bad', Rgb>} Surfaces */

/** @type {Record<import('../types').Scheme, Rgb>} */
const BRAND = { light: [59, 91, 219], dark: [116, 143, 252] };

/** @type {Record<import('../types').Scheme, Surfaces>} */
const SURFACES = {
  light: {
    paper: [255, 255, 255],
    ink: [20, 23, 31],
    inkSoft: [91, 100, 116],
    paper2: [245, 246, 248],
    bubble: [245, 246, 248],
    line: [227, 230, 235],
    good: [43, 138, 62],
    warn: [179, 92, 0],
    bad: [201, 42, 42],
  },
  dark: {
    paper: [18, 21, 28],
    ink: [236, 239, 244],
    inkSoft: [154, 164, 181],
    paper2: [26, 31, 41],
    bubble: [35, 41, 54],
    line: [42, 48, 60],
    good: [105, 219, 124],
    warn: [255, 169, 77],
    bad: [255, 135, 135],
  },
};

/**
 * A colour of the page, where it can be used.
 * @param {Color | undefined} color @param {import('../types').Scheme} scheme
 * @param {boolean} ofDark whether it has to be dark
 * @param {number} least contrast: a surface of middle grey leaves no room for what stands on it
 * @returns {Rgb | undefined}
 */
function fitting(color, scheme, ofDark, least) {
  const plain = color && solid(color, SURFACES[scheme].paper);
  return plain && contrast(plain, ofDark ? [255, 255, 255] : [0, 0, 0]) >= least ? plain : undefined;
}

/**
 * The brand colour on this paper, and what is readable on it.
 * @param {import('../types').Scheme} scheme
 * @param {PageColors} page
 * @param {Rgb} paper
 */
function brandColors(scheme, page, paper) {
  const wished = page.brand ? solid(page.brand, paper) : BRAND[scheme];
  // A navy brand on dark paper would be a hole in it.
  const brand = scheme === 'dark' ? readableOn(wished, paper, 3) : wished;
  const ink = page.brandInk && solid(page.brandInk, brand);
  return { brand, 'brand-ink': ink && contrast(ink, brand) >= 4.5 ? ink : inkOn(brand) };
}

/**
 * The widget's colours as CSS variables. Texts are computed against what they stand on: the page's
 * own colours need not be readable together. Its surfaces count where they belong to the scheme.
 * @param {import('../types').Scheme} scheme
 * @param {PageColors} page
 * @returns {Record<string, string>} an empty value where the page has nothing to say
 */
export function palette(scheme, page) {
  const surfaces = surfacesOf(scheme, page);
  const { paper, bubble } = surfaces;
  const { brand, ...brandInk } = brandColors(scheme, page, paper);
  const tint = scheme === 'dark' && page.brandLight ? solid(page.brandLight, paper) : brand;
  const colors = {
    brand,
    ...brandInk,
    'brand-text': surfaces.text(tint),
    ink: surfaces.ink,
    'ink-soft': surfaces.inkSoft,
    paper,
    'paper-2': surfaces.paper2,
    log: surfaces.log,
    bubble,
    line: surfaces.line,
    warn: surfaces.warn,
    bad: surfaces.bad,
    'bad-ink': inkOn(surfaces.bad),
    ...header(page.header && solid(page.header, paper), surfaces),
  };
  return Object.fromEntries(Object.entries(colors).map(([name, color]) => [`--${name}`, color ? toCss(color) : '']));
}

/** @param {import('../types').Scheme} scheme @param {PageColors} page @returns {Surfaces & {log: Rgb, text: (color: Rgb) => Rgb}} `text`: readable on all of them */
function surfacesOf(scheme, page) {
  const usual = SURFACES[scheme];
  const dark = scheme === 'dark';
  const own = {
    paper: fitting(page.paper, scheme, dark, 7),
    log: fitting(page.log, scheme, dark, 7),
    ink: fitting(page.ink, scheme, !dark, 4.5),
    inkSoft: fitting(page.inkSoft, scheme, !dark, 4),
  };
  const isOwn = own.paper || own.log || own.ink;
  const paper = own.paper ?? own.log ?? usual.paper;
  const log = own.log ?? paper;
  const pole = own.ink ?? usual.ink;
  const bubble = isOwn ? mix(log, pole, dark ? 0.11 : 0.06) : usual.bubble;
  const paper2 = isOwn ? mix(paper, pole, 0.05) : usual.paper2;
  /** @param {Rgb} color */
  const text = (color) =>
    [paper, log, paper2, bubble].reduce((so, background) => readableOn(so, background, 4.5), color);
  return {
    paper,
    log,
    paper2,
    bubble,
    text,
    ink: text(pole),
    inkSoft: text(own.inkSoft ?? (isOwn ? mix(paper, pole, 0.65) : usual.inkSoft)),
    line: isOwn ? (page.line ? solid(page.line, paper) : mix(paper, pole, 0.14)) : usual.line,
    good: text(usual.good),
    warn: text(usual.warn),
    bad: text(usual.bad),
  };
}

/**
 * The header, in a colour of its own if the page has one, with all that stands on it.
 * @param {Rgb | undefined} color
 * @param {Surfaces} surfaces
 */
function header(color, { paper, paper2, ink, inkSoft, line, good, warn }) {
  const plain = { header: paper, 'header-line': line, 'header-ink': ink, 'header-soft': inkSoft };
  if (!color) return { ...plain, 'header-raised': paper2, here: good, away: warn, avatar: null, 'avatar-ink': null };
  const own = inkOn(color);
  const raised = mix(color, own, 0.16);
  return {
    header: color,
    'header-line': color,
    'header-ink': own,
    'header-soft': readableOn(mix(own, color, 0.2), color, 4.5),
    'header-raised': raised,
    here: readableOn(good, color, 3),
    away: readableOn(warn, color, 3),
    avatar: raised,
    'avatar-ink': own,
  };
}
