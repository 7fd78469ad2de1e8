const PREFIXES = ['--color-', '--mui-palette-'];
/** What a page may call its colours after one of the prefixes. */
const NAMES =
  'primary-main primary-light primary-contrast primary-contrastText primary-contrast-text primary-dark background-paper background-default text-primary text-secondary border-main divider';
const SCHEME_ATTRIBUTES = ['data-theme', 'data-bs-theme', 'data-mui-color-scheme', 'data-color-scheme'];

const elements = () => [document.documentElement, document.body].filter((each) => each !== null);

/** What the page has set under a name, by the first prefix that has something. @returns {(name: string) => string} */
export function pageVariables() {
  const style = getComputedStyle(document.body ?? document.documentElement);
  return (name) => PREFIXES.map((prefix) => style.getPropertyValue(prefix + name).trim()).find(Boolean) ?? '';
}

/** Whether the page has colours of its own as CSS variables. */
export function hasColors() {
  const read = pageVariables();
  return NAMES.split(' ').some((name) => read(name));
}

/**
 * Whether the page is light or dark: what it says by an attribute or a class, else what its colours
 * say, else the visitor's system, unless the page stays light in the dark.
 * @param {boolean | undefined} isPaperDark the colour that it has for surfaces
 * @param {boolean} systemIsDark
 * @returns {import('../types').Scheme}
 */
export function pageScheme(isPaperDark, systemIsDark) {
  const marks = elements().flatMap((element) =>
    [...SCHEME_ATTRIBUTES.map((name) => element.getAttribute(name) ?? ''), ...element.classList].map(
      (mark) => mark.trim().toLowerCase().replace(/^theme-/, ''),
    ),
  );
  for (const scheme of /** @type {const} */ (['dark', 'light'])) if (marks.includes(scheme)) return scheme;
  return (isPaperDark ?? (systemIsDark && isPainted() !== false)) ? 'dark' : 'light';
}

/** Whether it is dark what is painted behind the page; undefined where that is left to the browser. */
const isPainted = () =>
  elements()
    .reverse()
    .map((element) => {
      // `rgb(1, 2, 3)`, `rgba(1, 2, 3, 0.4)`: other spaces are rare here, and are taken for the system's.
      const [, list = '0,0,0,0'] = /^rgba?\((.*)\)$/.exec(getComputedStyle(element).backgroundColor) ?? [];
      const [r = 0, g = 0, b = 0, alpha = 1] = list.split(',').map(Number);
      // Where light text is the one to read, as near as squares come to what screens do.
      const light = (0.2126 * r * r + 0.7152 * g * g + 0.0722 * b * b) / 65025;
      return alpha ? light * alpha + 1 - alpha < 0.21 : undefined;
    })
    .find((dark) => dark !== undefined);

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
