import { drawMark } from './drawing.js';
import { h, setAttribute, setText, setVisible } from './dom.js';

/**
 * The button that opens the panel: round, or with the page's own words beside the mark.
 * @param {() => void} onClick
 */
export function createLauncher(onClick) {
  const label = h('span', { class: 'launcher-label', dir: 'auto', hidden: true });
  const element = h(
    'button',
    { type: 'button', class: 'launcher', 'aria-haspopup': 'dialog', 'aria-expanded': 'false', onclick: onClick },
    drawMark(),
    label,
  );
  return {
    element,
    /** @param {string} words to be read on it @param {string} name for who listens */
    say(words, name) {
      setText(label, words);
      setVisible(label, words !== '');
      element.classList.toggle('worded', words !== '');
      setAttribute(element, 'aria-label', name);
    },
  };
}
