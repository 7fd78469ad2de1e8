import { cleanText } from '../chat/text.js';
import { h, setAttribute, setText, setVisible } from './dom.js';
import { icon } from './icons.js';

/** As the server counts: UTF-16 units after trimming. */
export const LIMIT = 4000;
const WARN_FROM = LIMIT - 200;
const MAX_LINES = 5;
const LINE_PX = 22;
const PADDING_PX = 20;

/**
 * Where the visitor writes.
 * @param {{
 *   t: import('../types').Translate,
 *   onSend: (text: string, files: File[]) => void,
 *   onDraft: (text: string) => void,
 * }} deps
 */
export function createComposer({ t, onSend, onDraft }) {
  const input = h('textarea', {
    class: 'write',
    rows: '1',
    enterkeyhint: 'send',
    autocomplete: 'off',
    'aria-describedby': 'counter',
    oninput: () => (onDraft(input.value), measure()),
    onkeydown: onKey,
  });
  const send = h('button', { type: 'submit', class: 'send', hidden: true }, icon('send'));
  const counter = h('p', { id: 'counter', class: 'counter', role: 'status', hidden: true });
  const element = h(
    'form',
    { class: 'composer', novalidate: true, onsubmit: (/** @type {Event} */ event) => submit(event) },
    h('div', { class: 'field' }, input, send),
    counter,
  );

  /** What goes along with the words. */
  let extra = { count: () => 0, take: () => /** @type {File[]} */ ([]) };

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    // While an input method composes, Enter chooses a character (229: Safari's way of saying so).
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    submit(event);
  }

  /** @param {Event} event */
  function submit(event) {
    event.preventDefault();
    const text = cleanText(input.value);
    if ((!text && !extra.count()) || text.length > LIMIT || input.disabled) return;
    const files = extra.take();
    setValue('');
    onDraft('');
    onSend(text, files);
    input.focus();
  }

  /** @param {string} text */
  function setValue(text) {
    input.value = text;
    measure();
  }

  function measure() {
    const { length } = cleanText(input.value);
    // Nothing written has no direction, but the placeholder has the panel's.
    setAttribute(input, 'dir', input.value ? 'auto' : null);
    input.style.height = 'auto';
    const full = MAX_LINES * LINE_PX + PADDING_PX;
    // Before the panel is laid out there is nothing to measure, and one line is right.
    if (input.scrollHeight) input.style.height = `${Math.min(input.scrollHeight, full)}px`;
    input.classList.toggle('full', input.scrollHeight > full);
    setVisible(send, length > 0 || extra.count() > 0);
    send.disabled = length > LIMIT;
    setVisible(counter, length >= WARN_FROM);
    counter.classList.toggle('bad', length > LIMIT);
    const key = length > LIMIT ? 'charactersOver' : 'charactersLeft';
    setText(counter, length < WARN_FROM ? '' : t(key, { count: Math.abs(LIMIT - length) }));
  }

  return {
    element,
    setValue,
    /** Nothing that was chosen or written stays. */
    empty() {
      extra.take();
      setValue('');
    },
    value: () => input.value,
    focus: () => input.focus({ preventScroll: true }),
    measure,
    /** @param {typeof extra} next */
    attach(next) {
      extra = next;
    },
    /** @param {boolean} disabled */
    update(disabled) {
      input.disabled = disabled;
      element.classList.toggle('disabled', disabled);
      setAttribute(input, 'placeholder', t(disabled ? 'placeholderBlocked' : 'placeholder'));
      setAttribute(input, 'aria-label', t('composer'));
      setAttribute(send, 'aria-label', t('send'));
    },
  };
}
