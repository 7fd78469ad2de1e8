const SMALL = '(max-width: 479.98px), (max-height: 440px) and (max-width: 960px)';

/**
 * Full screen on phones, and there as high as the keyboard leaves room: the on-screen keyboard
 * shrinks the visual viewport only, which CSS cannot see.
 * @param {HTMLElement} root
 * @param {() => void} onChange
 * @param {AbortSignal} signal
 */
export function watchViewport(root, onChange, signal) {
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
  small.addEventListener('change', apply, { signal });
  visual?.addEventListener('resize', fit, { signal });
  visual?.addEventListener('scroll', fit, { signal });
  apply();
}
