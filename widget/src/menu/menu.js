import { drawLine } from '../view/drawing.js';
import { h, setAttribute, setText, setVisible } from '../view/dom.js';

/** Lines on a 24-pixel grid. */
const LINES = {
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20c.8-3.6 3.7-5.5 7.5-5.5s6.7 1.9 7.5 5.5',
  sound: 'M4 10v4h3.5l4.5 4V6L7.5 10zM15.5 9.5a3.5 3.5 0 0 1 0 5M18 7a7 7 0 0 1 0 10',
  phone: 'M8.5 3.5h7v17h-7zM4.5 9v6M19.5 9v6',
  earlier: 'M12 7.5V12l3 2M4.5 12a7.5 7.5 0 1 0 2.4-5.5M4.5 4.5v4h4',
  clear: 'M4.5 7h15M9.5 7V4.5h5V7M6.5 7l1 13h9l1-13',
};

/** @param {keyof typeof LINES} name */
const icon = (name) => drawLine(name, LINES[name]);

/**
 * The chat's few settings behind one button.
 * @param {{
 *   t: import('../types').Translate,
 *   more: HTMLButtonElement,
 *   toggles: import('../types').Toggle[],
 *   hasEarlier: () => boolean,
 *   onEarlier: () => void,
 *   onName: () => void,
 *   onClear: () => void,
 * }} deps `more` opens it, and stands beside it
 */
export function createMenu({ t, more, toggles, hasEarlier, onEarlier, onName, onClear }) {
  const nameValue = h('bdi', { class: 'menu-value' });
  const nameLabel = h('span');
  /** @param {string} role @param {() => void} onclick @param {...Node} children */
  const itemOf = (role, onclick, ...children) =>
    h('button', { type: 'button', role, class: 'menu-item', onclick }, ...children);
  const nameItem = itemOf('menuitem', () => (setOpen(false), onName()), icon('person'), nameLabel, nameValue);
  const switches = toggles.map((toggle) => {
    const label = h('span');
    const sign = h('span', { class: 'switch', 'aria-hidden': 'true' });
    const onclick = () => (toggle.toggle(), updateSwitches());
    return { toggle, label, item: itemOf('menuitemcheckbox', onclick, icon(toggle.icon), label, sign) };
  });
  const earlierLabel = h('span');
  const earlierItem = itemOf('menuitem', () => (setOpen(false, false), onEarlier()), icon('earlier'), earlierLabel);
  const clearLabel = h('span');
  const clearItem = itemOf('menuitem', () => (setOpen(false), onClear()), icon('clear'), clearLabel);
  const items = [nameItem, earlierItem, ...switches.map(({ item }) => item), clearItem];
  const element = h('div', { class: 'menu', role: 'menu', hidden: true, onkeydown: onKey }, ...items);
  more.after(element);
  for (const each of [more, element]) {
    each.addEventListener('focusout', (event) => {
      const next = /** @type {FocusEvent} */ (event).relatedTarget;
      if (!element.contains(/** @type {Node | null} */ (next)) && next !== more) setOpen(false, false);
    });
  }

  /** @param {boolean} open @param {boolean} [moveFocus] */
  function setOpen(open, moveFocus = true) {
    if (element.hidden === !open) return; // it is so already
    setVisible(element, open);
    setAttribute(more, 'aria-expanded', String(open));
    if (moveFocus) (open ? items[0] : more)?.focus();
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    const reachable = items.filter((item) => !item.hidden);
    const at = reachable.findIndex((item) => item === event.target);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) reachable[(at + step + reachable.length) % reachable.length]?.focus();
    else if (event.key === 'Escape') setOpen(false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function updateSwitches() {
    for (const { toggle, item, label } of switches) {
      const state = `${toggle.key}${toggle.isOn() ? 'On' : 'Off'}`;
      setVisible(item, toggle.isShown());
      setText(label, t(state, {}, t(toggle.key)));
      setAttribute(item, 'aria-checked', String(toggle.isOn()));
    }
  }

  return {
    press: () => setOpen(element.hidden !== false),
    /** @param {import('../types').Picture} picture */
    update({ segments, pending, name }) {
      updateSwitches();
      setText(earlierLabel, t('earlierTitle'));
      setVisible(earlierItem, hasEarlier());
      setText(clearLabel, t('clear'));
      setVisible(clearItem, !!name || pending.length > 0 || segments.some((each) => each.messages.length > 0));
      setText(nameLabel, t('nameEdit', {}, '') || t('name'));
      setText(nameValue, name);
      setAttribute(element, 'aria-label', t('settings'));
    },
  };
}
