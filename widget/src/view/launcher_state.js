import { h, setAttribute, setText, setVisible } from './dom.js';
import { drawLine } from './drawing.js';

/**
 * Shows on the button whether the chat is open, and the number of unread messages.
 * @param {ReturnType<typeof import('./launcher.js').createLauncher>} launcher
 * @param {import('../types').Translate} t
 */
export function createLauncherState({ element, say }, t) {
  const badge = h('span', { class: 'badge', 'aria-hidden': 'true', hidden: true });
  element.append(drawLine('chevron', 'M6 9.5l6 6 6-6'), badge);

  /** @param {number} unread @param {boolean} open */
  return (unread, open) => {
    setText(badge, unread > 99 ? '99+' : unread ? String(unread) : '');
    setVisible(badge, unread > 0 && !open);
    setAttribute(element, 'aria-expanded', String(open));
    const words = t('launcherLabel', {}, '');
    const key = open ? 'close' : unread ? 'launcherUnread' : 'launcherOpen';
    const name = t(key, { count: unread });
    // Who speaks to the device says what is to be read on the button.
    say(open ? '' : words, unread && !open && words ? `${words}, ${name}` : name);
  };
}
