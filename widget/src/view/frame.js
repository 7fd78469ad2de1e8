import { directionOf } from '../languages.js';
import { h, setAttribute } from './dom.js';
import css from './launcher.css';
import { createLauncher } from './launcher.js';
import { applyTheme } from './theme.js';

/**
 * The widget's element with its button: all there is to see until somebody opens the chat.
 * @param {{
 *   settings: import('../types').Settings,
 *   word: (key: string) => string,
 *   onPress: () => void,
 *   onNear: () => void,
 *   onRetry: () => void,
 *   signal: AbortSignal,
 *   loadLook: () => Promise<any>,
 * }} deps `onNear`: the visitor is about to press
 */
export function createFrame({ settings, word, onPress, onNear, onRetry, signal, loadLook }) {
  const launcher = createLauncher(onPress);
  const root = h('div', { class: 'root' }, launcher.element);
  const host = document.createElement('support-chat');
  const shadow = host.attachShadow({ mode: 'open' });
  /** @type {HTMLElement | null} */
  let absent = null;

  addStyles(shadow, css, settings.nonce);
  shadow.append(root);
  // Typing in here must not set off the page's own shortcuts: to the page, this is not an input.
  for (const type of ['keydown', 'keypress', 'keyup']) {
    host.addEventListener(type, (event) => event.stopPropagation());
  }
  for (const type of ['pointerenter', 'pointerdown', 'focus']) {
    launcher.element.addEventListener(type, onNear, { signal, passive: true });
  }

  return {
    host,
    shadow,
    root,
    launcher,
    /** The page may have changed its colours. */
    look: applyTheme(root, () => settings.theme, signal, loadLook),
    /** @param {string} locale */
    setLocale(locale) {
      const direction = directionOf(locale);
      root.dir = direction;
      root.lang = locale;
      root.dataset.side = settings.position || (direction === 'rtl' ? 'left' : 'right');
    },
    /** @param {boolean} visible */
    setVisible: (visible) => setAttribute(host, 'hidden', !visible),
    /** The chat is on its way. @param {boolean} busy */
    setBusy(busy) {
      launcher.element.classList.toggle('busy', busy);
      setAttribute(launcher.element, 'aria-busy', busy ? 'true' : null);
    },
    /** The chat did not come: says so, with a way to try again. @param {boolean} failed */
    setFailed(failed) {
      absent?.remove();
      absent = failed
        ? h(
            'div',
            { class: 'absent', role: 'alert' },
            word('loadFailedTitle'),
            h('button', { type: 'button', onclick: onRetry }, word('loadRetry')),
          )
        : null;
      if (absent) root.prepend(absent);
    },
    destroy: () => host.remove(),
  };
}

/**
 * A constructed sheet is not subject to the page's style-src.
 * @param {ShadowRoot} shadow @param {string} css @param {string} nonce
 */
export function addStyles(shadow, css, nonce) {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    shadow.adoptedStyleSheets = [...shadow.adoptedStyleSheets, sheet];
  } catch {
    shadow.append(h('style', nonce ? { nonce } : {}, css)); // Safari before 16.4
  }
}
