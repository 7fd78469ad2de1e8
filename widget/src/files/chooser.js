import { drawLine } from '../view/drawing.js';
import { h, setAttribute, setText, setVisible } from '../view/dom.js';
import { sizeOf } from './size.js';

/** So many files go with one press of the button. */
const MOST = 10;
const CLIP = 'M19.5 11.5l-7.6 7.6a4.6 4.6 0 0 1-6.5-6.5l8-8a3.1 3.1 0 0 1 4.4 4.4l-8 8a1.5 1.5 0 0 1-2.2-2.2l7.2-7.2';

/**
 * Lets the visitor choose files by button, paste and drop; they go with the next message.
 * @param {import('../types').FilesDeps} deps
 * @param {AbortSignal} signal
 */
export function createChooser({ t, locale, announce, panel, composer, limit }, signal) {
  const { element, attach, measure, focus } = composer();
  /** @type {File[]} */
  let chosen = [];
  /** What was not taken, and why. */
  let problems = /** @type {string[]} */ ([]);

  const input = h('input', { type: 'file', multiple: true, hidden: true, tabindex: '-1', onchange: picked });
  const button = h(
    'button',
    { type: 'button', class: 'attach', onclick: () => input.click() },
    drawLine('clip', CLIP),
  );
  const list = h('ul', { class: 'chosen', hidden: true });
  const note = h('p', { class: 'files-note bad', role: 'alert', hidden: true });
  const dropText = h('p');
  const drop = h('div', { class: 'drop', hidden: true }, dropText);
  element.querySelector('.field')?.prepend(button, input);
  element.prepend(note, list);
  panel().append(drop);

  const isOff = () => element.classList.contains('disabled');

  function picked() {
    add([...(input.files ?? [])]);
    input.value = ''; // the same file may be chosen again
    focus();
  }

  /** @param {File[]} files */
  function add(files) {
    if (isOff()) return;
    problems = [];
    /** @type {File[]} */
    const taken = [];
    for (const file of files) {
      if (chosen.length + taken.length >= MOST) {
        problems.push(t('fileTooMany', { count: MOST }));
        break;
      }
      if (!file.size) problems.push(t('fileEmpty', { name: file.name }));
      else if (file.size > limit()) {
        problems.push(t('fileTooLarge', { name: file.name, size: sizeOf(limit(), locale()) }));
      } else taken.push(file);
    }
    chosen = [...chosen, ...taken];
    draw();
    if (taken.length) announce(t('fileAdded', { name: taken.map(({ name }) => name).join(', ') }));
  }

  /** @param {File} file */
  function remove(file) {
    const at = chosen.indexOf(file);
    chosen = chosen.filter((other) => other !== file);
    problems = [];
    draw();
    const buttons = list.querySelectorAll('button');
    (buttons[Math.min(at, buttons.length - 1)] ?? button).focus();
  }

  function draw() {
    setAttribute(button, 'aria-label', t('fileAttach'));
    setAttribute(button, 'title', t('fileAttach'));
    setAttribute(list, 'aria-label', t('fileChosen'));
    setText(dropText, t('fileDrop'));
    setText(note, problems.join(' '));
    setVisible(note, problems.length > 0);
    setVisible(list, chosen.length > 0);
    list.replaceChildren(
      ...chosen.map((file) =>
        h(
          'li',
          {},
          h('bdi', { class: 'file-name' }, file.name),
          h('span', { class: 'file-size' }, sizeOf(file.size, locale())),
          h(
            'button',
            { type: 'button', 'aria-label': t('fileUnchoose', { name: file.name }), onclick: () => remove(file) },
            drawLine('close', 'M7.5 7.5l9 9M16.5 7.5l-9 9'),
          ),
        ),
      ),
    );
    measure();
  }

  /** @param {DragEvent} event */
  const hasFiles = (event) => !isOff() && !!event.dataTransfer && [...event.dataTransfer.types].includes('Files');

  /** @param {string} type @param {(event: any) => void} listener */
  const on = (type, listener) => panel().addEventListener(type, listener, { signal });
  on('dragover', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    setVisible(drop, true);
  });
  on('dragleave', (event) => {
    if (!panel().contains(event.relatedTarget)) setVisible(drop, false);
  });
  on('drop', (event) => {
    setVisible(drop, false);
    if (!hasFiles(event)) return;
    event.preventDefault();
    event.stopPropagation(); // nor by a page that takes files itself
    add([...event.dataTransfer.files]);
    focus();
  });
  // A copied cell of a table is words and a picture of them: then the words are meant. macOS gives a
  // copied file's name as a text.
  on('paste', (event) => {
    const { files = [], types = [] } = event.clipboardData ?? {};
    const areWords = types.includes('text/rtf') || (types.includes('text/plain') && types.includes('text/html'));
    if (!files.length || areWords) return;
    event.preventDefault();
    event.stopPropagation();
    add([...files]);
  });

  attach({
    count: () => chosen.length,
    take() {
      const taken = chosen;
      chosen = [];
      problems = [];
      draw();
      return taken;
    },
  });
  draw();

  return { retell: draw, count: () => chosen.length };
}
