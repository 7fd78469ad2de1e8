import { h, setAttribute, setText, setVisible } from './dom.js';
import { icon } from './icons.js';

/**
 * The round button that opens the panel, with the number of unread messages.
 * @param {{t: import('../types').Translate, onClick: () => void}} deps
 */
export function createLauncher({ t, onClick }) {
  const badge = h('span', { class: 'badge', 'aria-hidden': 'true', hidden: true });
  const element = h(
    'button',
    { type: 'button', class: 'launcher', 'aria-haspopup': 'dialog', onclick: onClick },
    icon('mark'),
    icon('chevron'),
    badge,
  );
  return {
    element,
    /** @param {number} unread @param {boolean} open */
    update(unread, open) {
      setText(badge, unread > 99 ? '99+' : String(unread));
      setVisible(badge, unread > 0 && !open);
      setAttribute(element, 'aria-expanded', String(open));
      const key = open ? 'close' : unread ? 'launcherUnread' : 'launcherOpen';
      setAttribute(element, 'aria-label', t(key, { count: unread }));
    },
  };
}
