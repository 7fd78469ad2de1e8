import { watchMedia } from '../browser.js';
import { SMALL } from './small.js';

/** Parts of the panel that may scroll by themselves. */
const SCROLLING = ['log', 'write', 'state-page'];

/**
 * Full screen on phones, and there as high as the keyboard leaves room: the on-screen keyboard
 * shrinks the visual viewport only, which CSS cannot see.
 * @param {HTMLElement} root
 * @param {HTMLElement} panel
 * @param {() => void} onChange
 * @param {AbortSignal} signal
 */
export function watchViewport(root, panel, onChange, signal) {
  const isSmall = watchMedia(SMALL, () => apply(), signal);
  const visual = window.visualViewport;

  const fit = () => {
    if (!visual || !isSmall()) return;
    root.style.setProperty('--view-top', `${visual.offsetTop}px`);
    root.style.setProperty('--view-height', `${visual.height}px`);
  };
  const apply = () => {
    root.toggleAttribute('data-full', isSmall());
    fit();
    onChange();
  };
  // A finger on a part that does not scroll would move the page behind.
  const hold = (/** @type {TouchEvent} */ event) => {
    if (!isSmall() || event.touches.length > 1) return;
    const scrolls = event.composedPath().some((part) => {
      // Not `instanceof Element`: old libraries put something else under that name.
      const { classList, scrollHeight, clientHeight } = /** @type {Partial<Element>} */ (part);
      return classList && (scrollHeight ?? 0) > (clientHeight ?? 0) && SCROLLING.some((name) => classList.contains(name));
    });
    if (!scrolls && event.cancelable) event.preventDefault();
  };
  panel.addEventListener('touchmove', hold, { signal, passive: false });
  visual?.addEventListener('resize', fit, { signal });
  visual?.addEventListener('scroll', fit, { signal });
  apply();
}
