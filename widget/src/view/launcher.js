import { h, setAttribute, setText, setVisible } from './dom.js';
import { drawLine, drawMark } from './drawing.js';

/**
 * The button that opens the panel, with the number of unread messages: round, or with the page's own
 * words beside the mark.
 * @param {{t: import('../types').Translate, onClick: () => void}} deps
 */
export function createLauncher({ t, onClick }) {
  const badge = h('span', { class: 'badge', 'aria-hidden': 'true', hidden: true });
  const label = h('span', { class: 'launcher-label', dir: 'auto', hidden: true });
  const element = h(
    'button',
    { type: 'button', class: 'launcher', 'aria-haspopup': 'dialog', onclick: onClick },
    drawMark(),
    drawLine('chevron', 'M6 9.5l6 6 6-6'),
    label,
    badge,
  );
  return {
    element,
    /** @param {number} unread @param {boolean} open */
    update(unread, open) {
      setText(badge, unread > 99 ? '99+' : unread ? String(unread) : '');
      setVisible(badge, unread > 0 && !open);
      setAttribute(element, 'aria-expanded', String(open));
      const words = t('launcherLabel', {}, '');
      setText(label, words);
      setVisible(label, words !== '' && !open);
      element.classList.toggle('worded', words !== '' && !open);
      const key = open ? 'close' : unread ? 'launcherUnread' : 'launcherOpen';
      const name = t(key, { count: unread });
      // Who speaks to the device says what is to be read on the button.
      setAttribute(element, 'aria-label', unread && !open && words ? `${words}, ${name}` : name);
    },
  };
}
