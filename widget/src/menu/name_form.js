import { h, setAttribute, setText, setVisible } from '../view/dom.js';
import { nameProblem, tidyName } from './names.js';

/**
 * A small sheet under the header to tell one's name.
 * @param {{
 *   t: import('../types').Translate,
 *   save: (name: string) => Promise<void>,
 *   announce: (text: string) => void,
 *   onDone: () => void,
 * }} deps `save` rejects with ApiError
 */
export function createNameForm({ t, save, announce, onDone }) {
  const label = h('label', { for: 'name', class: 'label' });
  const input = h('input', {
    id: 'name',
    class: 'input',
    maxlength: 64,
    dir: 'auto',
    autocomplete: 'name',
    'aria-describedby': 'name-hint',
    enterkeyhint: 'done',
  });
  const hint = h('p', { id: 'name-hint', class: 'hint', role: 'status' });
  const cancel = h('button', { type: 'button', class: 'button quiet', onclick: () => close() });
  const submit = h('button', { type: 'submit', class: 'button' });
  const element = h(
    'form',
    { class: 'sheet', hidden: true, novalidate: true, onsubmit: onSubmit },
    label,
    input,
    hint,
    h('div', { class: 'actions' }, cancel, submit),
  );
  element.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    close();
  });

  let said = 'nameHint';

  /** @param {string} key */
  function say(key) {
    said = key;
    const isError = key !== 'nameHint';
    setText(hint, t(key));
    hint.classList.toggle('bad', isError);
    setAttribute(input, 'aria-invalid', isError ? 'true' : null);
  }

  /** @param {Event} event */
  async function onSubmit(event) {
    event.preventDefault();
    const name = tidyName(input.value);
    const problem = nameProblem(name);
    if (problem) return say(problem);
    submit.disabled = true;
    try {
      await save(name);
      announce(t('nameSaved', { name }));
      close();
    } catch (error) {
      say(reasonOf(error));
      input.focus();
    } finally {
      submit.disabled = false;
    }
  }

  function close() {
    setVisible(element, false);
    onDone();
  }

  return {
    element,
    /** @param {string} name */
    open(name) {
      input.value = name;
      say('nameHint');
      setVisible(element, true);
      input.focus();
      input.select();
    },
    update() {
      const placeholder = t('namePlaceholder', {}, '');
      setAttribute(input, 'placeholder', placeholder || null);
      label.classList.toggle('sr', placeholder !== ''); // it says the same
      setText(label, t('name'));
      setText(cancel, t('nameCancel'));
      setText(submit, t('nameSave'));
      say(said);
    },
  };
}

/** @param {unknown} error */
function reasonOf(error) {
  const { status = 0, code = '' } = /** @type {{status?: number, code?: string}} */ (error ?? {});
  if (status === 429) return 'nameLimit';
  return code === 'invalid_name' ? 'nameRefused' : 'nameFailed';
}
