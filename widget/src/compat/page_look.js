import { isDark, solid } from '../contrast.js';

/** @typedef {import('../contrast.js').Color} Color */
/** @typedef {import('../contrast.js').Rgb} Rgb */

const PREFIXES = ['--color-', '--mui-palette-'];

/** What a colour of the page is called after one of the prefixes; the first that is set counts. */
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

const SCHEME_ATTRIBUTES = ['data-theme', 'data-bs-theme', 'data-mui-color-scheme', 'data-color-scheme'];

const elements = () => [document.documentElement, document.body].filter((each) => each !== null);

/**
 * The colours that the page has as CSS variables.
 * @param {(css: string) => Color | null} parse any CSS colour
 * @returns {PageColors}
 */
export function pageColors(parse) {
  const style = getComputedStyle(document.body ?? document.documentElement);
  /** @param {string} name */
  const read = (name) => parse(style.getPropertyValue(name).trim());
  return Object.fromEntries(
    Object.entries(NAMES).flatMap(([key, names]) => {
      const color = PREFIXES.flatMap((prefix) => names.map((name) => read(prefix + name))).find(Boolean);
      return color ? [[key, color]] : [];
    }),
  );
}

/**
 * Whether the page is light or dark: what it says by an attribute or a class, else what its colours
 * say, else the visitor's system, unless the page stays light in the dark.
 * @param {PageColors} colors
 * @param {boolean} systemIsDark
 * @param {(css: string) => Color | null} parse
 * @returns {import('../types').Scheme}
 */
export function pageScheme(colors, systemIsDark, parse) {
  const marks = elements().flatMap((element) =>
    [...SCHEME_ATTRIBUTES.map((name) => element.getAttribute(name) ?? ''), ...element.classList].map(
      (mark) => mark.trim().toLowerCase().replace(/^theme-/, ''),
    ),
  );
  for (const scheme of /** @type {const} */ (['dark', 'light'])) if (marks.includes(scheme)) return scheme;
  const surface = colors.paper ?? (systemIsDark ? background(parse) : undefined);
  return (surface ? isDark(solid(surface)) : systemIsDark) ? 'dark' : 'light';
}

/** What is painted behind the page; undefined where it leaves that to the browser. @param {(css: string) => Color | null} parse */
const background = (parse) =>
  elements()
    .reverse()
    .map((element) => parse(getComputedStyle(element).backgroundColor) ?? undefined)
    .find(Boolean);

/** Calls back when the page may look or speak differently. @param {() => void} onChange @param {AbortSignal} signal */
export function watchPage(onChange, signal) {
  let timer = 0;
  // Some pages write a style on <html> in every frame.
  const again = () => void (timer ||= window.setTimeout(run, 50));
  const observer = new MutationObserver(again);
  const run = () => {
    timer = 0;
    onChange();
  };
  for (const element of elements()) {
    observer.observe(element, {
      attributeFilter: ['class', 'style', 'lang', ...SCHEME_ATTRIBUTES],
      childList: element !== document.body, // a library may exchange all of the body
    });
  }
  // Style sheets may come after us, and a <link> is there before its colours are.
  if (document.head) observer.observe(document.head, { childList: true });
  window.addEventListener('load', again, { signal });
  document.addEventListener('load', ({ target }) => target instanceof HTMLLinkElement && again(), {
    signal,
    capture: true,
  });
  signal.addEventListener('abort', () => {
    observer.disconnect();
    clearTimeout(timer);
  });
}
