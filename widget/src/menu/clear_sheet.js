import { h, setText, setVisible } from '../view/dom.js';

/**
 * Asks before the chat is cleared, and says what will be lost.
 * @param {{t: import('../types').Translate, onConfirm: () => void, onDone: () => void}} deps
 */
export function createClearSheet({ t, onConfirm, onDone }) {
  const question = h('p', { id: 'clear', class: 'label' });
  const hint = h('p', { id: 'clear-hint', class: 'hint' });
  const no = h('button', { type: 'button', class: 'button quiet', onclick: () => close() });
  const yes = h('button', { type: 'button', class: 'button danger', onclick: () => (onConfirm(), close()) });
  const element = h(
    'div',
    {
      class: 'sheet',
      role: 'group',
      'aria-labelledby': 'clear',
      'aria-describedby': 'clear-hint',
      hidden: true,
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        close();
      },
    },
    question,
    hint,
    h('div', { class: 'actions' }, no, yes),
  );

  function close() {
    setVisible(element, false);
    onDone();
  }

  return {
    element,
    open() {
      setVisible(element, true);
      no.focus();
    },
    update() {
      setText(question, t('clearConfirm'));
      setText(hint, t('clearHint'));
      setText(no, t('confirmNo', {}, t('nameCancel')));
      setText(yes, t('confirmYes', {}, t('clear')));
    },
  };
}
