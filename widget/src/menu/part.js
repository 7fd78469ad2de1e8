import { BUILT_IN } from '../locales.js';
import { setVisible } from '../view/dom.js';
import { createClearSheet } from './clear_sheet.js';
import css from './menu.css';
import { createMenu } from './menu.js';
import { createNameForm } from './name_form.js';

/**
 * The part of the widget for its menu: the visitor's name, sound and vibration, and clearing the chat. It has
 * its own words, in all languages.
 * @param {import('../types').MenuDeps} deps
 * @returns {import('../types').MenuPart}
 */
export function createSettings({ t, more, header, toggles, hasEarlier, onEarlier, chat, focus, announce, learn, addStyles }) {
  learn(BUILT_IN);
  addStyles(css);
  const menu = createMenu({
    t,
    more,
    toggles,
    hasEarlier,
    onEarlier,
    onName() {
      setVisible(clear.element, false);
      name.open(chat.picture().name);
    },
    onClear() {
      setVisible(name.element, false);
      clear.open();
    },
  });
  const name = createNameForm({ t, announce, save: chat.rename, onDone: focus });
  const clear = createClearSheet({
    t,
    onConfirm() {
      void chat.clear();
      announce(t('emptyTitle'));
    },
    onDone: focus,
  });
  header.after(name.element, clear.element);

  return {
    press: menu.press,
    update(picture) {
      menu.update(picture);
      name.update();
      clear.update();
    },
  };
}
