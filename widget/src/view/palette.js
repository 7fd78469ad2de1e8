import { inkOn, mix, readableOn, solid } from '../contrast.js';
import { STANDARD, asVariables, brandColors, fitting, ownPapers } from './button_colors.js';

/** @typedef {import('../contrast.js').Rgb} Rgb */
/** @typedef {import('../compat/page_look.js').PageColors} PageColors */
/** @typedef {Record<'ink' | 'inkSoft' | 'paper' | 'paper2' | 'bubble' | 'line' | 'good' | 'warn' | 'bad', Rgb>} Surfaces */

/** @type {Record<import('../types').Scheme, Surfaces>} */
const SURFACES = {
  light: {
    ...STANDARD.light,
    inkSoft: [91, 100, 116],
    paper2: [245, 246, 248],
    bubble: [245, 246, 248],
    line: [227, 230, 235],
    good: [43, 138, 62],
    warn: [179, 92, 0],
    bad: [201, 42, 42],
  },
  dark: {
    ...STANDARD.dark,
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
 * The panel's colours as CSS variables. Texts are computed against what they stand on: the page's
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
  return asVariables(colors);
}

/** @param {import('../types').Scheme} scheme @param {PageColors} page @returns {Surfaces & {log: Rgb, text: (color: Rgb) => Rgb}} `text`: readable on all of them */
function surfacesOf(scheme, page) {
  const standard = SURFACES[scheme];
  const dark = scheme === 'dark';
  const own = {
    ...ownPapers(scheme, page),
    ink: fitting(page.ink, scheme, !dark, 4.5),
    inkSoft: fitting(page.inkSoft, scheme, !dark, 4),
  };
  const isOwn = own.paper || own.log || own.ink;
  const paper = own.paper ?? own.log ?? standard.paper;
  const log = own.log ?? paper;
  const pole = own.ink ?? standard.ink;
  const bubble = isOwn ? mix(log, pole, dark ? 0.11 : 0.06) : standard.bubble;
  const paper2 = isOwn ? mix(paper, pole, 0.05) : standard.paper2;
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
    inkSoft: text(own.inkSoft ?? (isOwn ? mix(paper, pole, 0.65) : standard.inkSoft)),
    line: isOwn ? (page.line ? solid(page.line, paper) : mix(paper, pole, 0.14)) : standard.line,
    good: text(standard.good),
    warn: text(standard.warn),
    bad: text(standard.bad),
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
