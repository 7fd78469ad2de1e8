import { h, setAttribute, setText, setVisible } from './dom.js';
import { icon } from './icons.js';

/**
 * @typedef {{key: 'sound' | 'vibration', icon: 'sound' | 'phone', isOn: () => boolean,
 *   isShown: () => boolean, toggle: () => void}} Toggle
 */

/**
 * Who is there, and the chat's few settings behind one button.
 * @param {{
 *   t: import('../types').Translate,
 *   toggles: Toggle[],
 *   onName: () => void,
 *   onClear: () => void,
 *   onClose: () => void,
 * }} deps
 */
export function createHeader({ t, toggles, onName, onClear, onClose }) {
  const title = h('h2', { class: 'title', id: 'title' });
  const presence = h('span');
  const dot = h('span', { class: 'dot', 'aria-hidden': 'true' });
  const line = h('p', { class: 'presence' }, dot, presence);

  const nameValue = h('bdi', { class: 'menu-value' });
  const nameLabel = h('span');
  const nameItem = h(
    'button',
    { type: 'button', role: 'menuitem', class: 'menu-item', onclick: () => (setOpen(false), onName()) },
    icon('person'),
    nameLabel,
    nameValue,
  );
  const switches = toggles.map((toggle) => {
    const label = h('span');
    const item = h(
      'button',
      {
        type: 'button',
        role: 'menuitemcheckbox',
        class: 'menu-item',
        onclick: () => (toggle.toggle(), update()),
      },
      icon(toggle.icon),
      label,
      h('span', { class: 'switch', 'aria-hidden': 'true' }),
    );
    return { toggle, item, label };
  });
  const clearLabel = h('span');
  const clearItem = h(
    'button',
    { type: 'button', role: 'menuitem', class: 'menu-item', onclick: () => (setOpen(false), onClear()) },
    icon('clear'),
    clearLabel,
  );
  const items = [nameItem, ...switches.map(({ item }) => item), clearItem];
  const menu = h('div', { class: 'menu', role: 'menu', hidden: true, onkeydown: onMenuKey }, ...items);
  const more = h(
    'button',
    {
      type: 'button',
      class: 'icon-button',
      'aria-haspopup': 'menu',
      'aria-expanded': 'false',
      onclick: () => setOpen(menu.hidden !== false),
    },
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
    menu,
  );
  element.addEventListener('focusout', (event) => {
    if (!menu.contains(/** @type {Node | null} */ (event.relatedTarget)) && event.relatedTarget !== more) {
      setOpen(false, false);
    }
  });

  /** @param {boolean} open @param {boolean} [moveFocus] */
  function setOpen(open, moveFocus = true) {
    if (menu.hidden === !open) return; // it is so already
    setVisible(menu, open);
    setAttribute(more, 'aria-expanded', String(open));
    if (moveFocus) (open ? items[0] : more)?.focus();
  }

  /** @param {KeyboardEvent} event */
  function onMenuKey(event) {
    const reachable = items.filter((item) => !item.hidden);
    const at = reachable.findIndex((item) => item === event.target);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) reachable[(at + step + reachable.length) % reachable.length]?.focus();
    else if (event.key === 'Escape') setOpen(false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function update() {
    for (const { toggle, item, label } of switches) {
      const state = `${toggle.key}${toggle.isOn() ? 'On' : 'Off'}`;
      setVisible(item, toggle.isShown());
      setText(label, t(state, {}, t(toggle.key)));
      setAttribute(item, 'aria-checked', String(toggle.isOn()));
    }
  }

  return {
    element,
    /** @param {import('../types').Picture} picture */
    update(picture) {
      update();
      setText(title, t('title'));
      const agent = picture.agent && !picture.closed;
      const key = !picture.online ? 'presenceOffline' : picture.typing ? 'presenceTyping' : agent ? 'presenceAgent' : 'presence';
      setText(presence, t(key, { agent: picture.typing || picture.agent }));
      // Nobody answers where nobody can write; the log says so.
      setVisible(line, !picture.online || !picture.unavailable);
      setAttribute(dot, 'data-tone', !picture.online ? 'off' : agent ? 'good' : 'calm');
      setText(clearLabel, t('clear'));
      const { segments, pending, name } = picture;
      setVisible(clearItem, !!name || pending.length > 0 || segments.some((each) => each.messages.length > 0));
      const edit = t('nameEdit', {}, '');
      setText(nameLabel, edit || t('name'));
      setText(nameValue, picture.name);
      setAttribute(more, 'aria-label', t('settings'));
      setAttribute(menu, 'aria-label', t('settings'));
      setAttribute(close, 'aria-label', t('close'));
    },
  };
}
