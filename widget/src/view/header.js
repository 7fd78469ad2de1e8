import { h, setAttribute, setText, setVisible } from './dom.js';
import { icon } from './icons.js';

/**
 * Who is there, and the chat's few settings behind one button.
 * @param {{t: import('../types').Translate, onMore: () => void, onClose: () => void}} deps
 */
export function createHeader({ t, onMore, onClose }) {
  const title = h('h2', { class: 'title', id: 'title' });
  const presence = h('span');
  const dot = h('span', { class: 'dot', 'aria-hidden': 'true' });
  const line = h('p', { class: 'presence' }, dot, presence);
  const more = h(
    'button',
    { type: 'button', class: 'icon-button', 'aria-haspopup': 'menu', 'aria-expanded': 'false', onclick: onMore },
    icon('more'),
  );
  const close = h('button', { type: 'button', class: 'icon-button', onclick: onClose }, icon('close'));
  // Not a <header>: in a dialog that would be a second banner among the page's landmarks.
  const element = h(
    'div',
    { class: 'header' },
    h('span', { class: 'avatar', 'aria-hidden': 'true' }, icon('mark')),
    h('div', { class: 'who' }, title, line),
    more,
    close,
  );

  return {
    element,
    more,
    /** @param {import('../types').Picture} picture */
    update(picture) {
      setText(title, t('title'));
      const agent = picture.agent && !picture.closed;
      const key = !picture.online ? 'presenceOffline' : picture.typing ? 'presenceTyping' : agent ? 'presenceAgent' : 'presence';
      setText(presence, t(key, { agent: picture.typing || picture.agent }));
      // Nobody answers where nobody can write; the log says so.
      setVisible(line, !picture.online || !picture.unavailable);
      setAttribute(dot, 'data-tone', !picture.online ? 'off' : agent ? 'good' : 'calm');
      setAttribute(more, 'aria-label', t('settings'));
      setAttribute(close, 'aria-label', t('close'));
    },
  };
}
