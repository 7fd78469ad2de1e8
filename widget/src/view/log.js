import { watchSize } from '../device.js';
import { h, setAttribute, setText } from './dom.js';
import { icon } from './icons.js';

/** @typedef {import('../types').Row} Row */
/** @typedef {Extract<Row, {kind: 'message'}>} MessageRow */
/** @typedef {{element: HTMLElement, update: (row: any) => void}} RowView */

// "At the end" with a little slack, so that a half-hidden line does not count as reading back.
const END_PX = 48;

/**
 * The list of rows. Keeps an element per row key, so that what a screen reader has read, and what
 * the visitor has selected, stays where it is.
 * @param {{
 *   t: import('../types').Translate,
 *   onRetry: (clientId: string) => void,
 *   onEdit: (clientId: string) => void,
 *   onScroll: (atEnd: boolean) => void,
 *   drawFiles: (holder: HTMLElement, row: import('../types').FilesRow) => boolean,
 *   wordsOf: ReturnType<typeof import('./words.js').createWords>,
 * }} deps `drawFiles`: false while files are only named with their addresses
 */
export function createLog({ t, onRetry, onEdit, onScroll, drawFiles, wordsOf }) {
  const list = h('div', { class: 'rows' });
  const element = h(
    'div',
    { class: 'log', role: 'log', 'aria-live': 'off', 'aria-relevant': 'additions', tabindex: '0' },
    list,
  );
  /** @type {Map<string, RowView>} */
  const views = new Map();
  let atEnd = true;

  element.addEventListener('scroll', () => setAtEnd(isAtEnd()), { passive: true });
  const stop = watchSize(element, () => atEnd && toEnd());

  const isAtEnd = () => element.scrollHeight - element.scrollTop - element.clientHeight < END_PX;

  /** @param {boolean} now */
  function setAtEnd(now) {
    atEnd = now;
    onScroll(now);
  }

  function toEnd() {
    element.scrollTop = element.scrollHeight;
    setAtEnd(true);
  }

  /** @param {Row} row @returns {RowView} */
  function make(row) {
    if (row.kind === 'message') return messageView(t, onRetry, onEdit, drawFiles, wordsOf);
    const text = h('span');
    const say = writer(text, wordsOf);
    return {
      element: h('div', { class: row.kind }, text),
      update(next) {
        say(next.text);
        setAttribute(text, 'dir', next.dir || null);
      },
    };
  }

  return {
    element,
    toEnd,
    isAtEnd: () => atEnd,
    /**
     * @param {Row[]} rows
     * @param {boolean} live whether additions are news: they are announced and may move in
     */
    update(rows, live) {
      setAttribute(element, 'aria-label', t('log'));
      setAttribute(element, 'aria-live', live ? 'polite' : 'off');
      list.classList.toggle('live', live);
      const stay = atEnd || rows.some((row) => !views.has(row.key) && isFreshOwn(row));
      const keys = new Set(rows.map((row) => row.key));
      views.forEach((view, key) => {
        if (keys.has(key)) return;
        view.element.remove();
        views.delete(key);
      });
      rows.forEach((row, index) => {
        const view = views.get(row.key) ?? make(row);
        views.set(row.key, view);
        view.update(row);
        const there = list.children[index];
        if (there !== view.element) list.insertBefore(view.element, there ?? null);
      });
      if (stay) toEnd();
    },
    stop,
  };
}

/** The visitor has just written it, so they want to see it. @param {Row} row */
const isFreshOwn = (row) => row.kind === 'message' && (row.state === 'sending' || row.state === 'waiting');

/**
 * @param {import('../types').Translate} t
 * @param {(clientId: string) => void} onRetry
 * @param {(clientId: string) => void} onEdit
 * @param {Parameters<typeof createLog>[0]['drawFiles']} drawFiles
 * @param {Parameters<typeof createLog>[0]['wordsOf']} wordsOf
 * @returns {RowView}
 */
function messageView(t, onRetry, onEdit, drawFiles, wordsOf) {
  const author = h('span', { class: 'author', dir: 'auto' });
  const initial = h('span', { class: 'initial', 'aria-hidden': 'true' });
  // The words have a direction of their own; the bubble around them keeps the panel's.
  const words = h('div', { class: 'words', dir: 'auto' });
  const files = h('div', { class: 'files' });
  const bubble = h('div', { class: 'bubble' }, files, words);
  const time = h('time');
  const state = h('span', { class: 'state' });
  const retry = h('button', { type: 'button', class: 'link' });
  const edit = h('button', { type: 'button', class: 'link' });
  const meta = h('div', { class: 'meta', 'aria-live': 'off' }, icon('alert'), time, state, retry, edit);
  const element = h('div', { class: 'message' }, author, initial, bubble, meta);
  let clientId = '';
  const say = writer(words, wordsOf);
  retry.addEventListener('click', () => onRetry(clientId));
  edit.addEventListener('click', () => onEdit(clientId));

  return {
    element,
    /** @param {MessageRow} row */
    update(row) {
      clientId = row.clientId;
      element.className = `message ${row.own ? 'own' : 'theirs'}${row.first ? ' first' : ''}${row.last ? ' last' : ''}`;
      setAttribute(element, 'data-state', row.state || null);
      setText(author, row.author);
      setText(initial, initialOf(row.author));
      say(row.files && !drawFiles(files, row) ? named(row) : row.text);
      setText(time, row.time);
      setAttribute(time, 'datetime', row.iso);
      setText(state, row.reason || (row.state && t(row.state)));
      setText(retry, t('retry'));
      setText(edit, t(row.editWord));
      retry.hidden = !row.canRetry;
      edit.hidden = !row.canEdit;
    },
  };
}

/**
 * Writes into an element, and only where there is a difference.
 * @param {HTMLElement} element @param {Parameters<typeof createLog>[0]['wordsOf']} words
 * @returns {(text: string) => void}
 */
function writer(element, { of, way }) {
  let text = '';
  /** @type {unknown} */
  let by = null;
  return (next) => {
    if (text !== next || by !== way()) element.replaceChildren(...of(next));
    text = next;
    by = way();
  };
}

/** @param {string} name */
const initialOf = (name) => ([...name.trim()][0] ?? '').toUpperCase();

/** @param {MessageRow} row */
const named = ({ text, files = [] }) =>
  [text, ...files.map(({ name, url }) => (url ? `${name}: ${url}` : name))].filter(Boolean).join('\n');
