const SMALL = '(max-width: 479.98px), (max-height: 440px) and (max-width: 960px)';

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
  const small = matchMedia(SMALL);
  const visual = window.visualViewport;

  const fit = () => {
    if (!visual || !small.matches) return;
    root.style.setProperty('--view-top', `${visual.offsetTop}px`);
    root.style.setProperty('--view-height', `${visual.height}px`);
  };
  const apply = () => {
    root.toggleAttribute('data-full', small.matches);
    fit();
    onChange();
  };
  // A finger on a part that does not scroll would move the page behind.
  const hold = (/** @type {TouchEvent} */ event) => {
    if (!small.matches || event.touches.length > 1) return;
    const scrolls = event.composedPath().some(
      (part) =>
        part instanceof Element &&
        part.scrollHeight > part.clientHeight &&
        SCROLLING.some((name) => part.classList.contains(name)),
    );
    if (!scrolls && event.cancelable) event.preventDefault();
  };
  panel.addEventListener('touchmove', hold, { signal, passive: false });
  small.addEventListener('change', apply, { signal });
  visual?.addEventListener('resize', fit, { signal });
  visual?.addEventListener('scroll', fit, { signal });
  apply();
}
