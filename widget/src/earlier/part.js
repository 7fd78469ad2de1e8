import { asMessage } from '../chat/frames.js';
import { timeOf } from '../chat/text.js';
import { BUILT_IN } from '../locales.js';
import { drawLine } from '../view/drawing.js';
import { h, setAttribute, setText, setVisible } from '../view/dom.js';
import { createLog } from '../view/log.js';
import { createClock, createRows } from '../view/rows.js';
import css from './earlier.css';

/** @typedef {import('../types').Message} Message */
/** @typedef {{id: string, last: Message | null, at: number}} Row */

const BACK = 'M14.5 5.5L8 12l6.5 6.5';

/**
 * The part of the widget for what a visitor, whom the page names, has talked about before: a list, and one
 * conversation at a time to be read. It has its own words, in all languages.
 * @param {import('../types').EarlierDeps} deps
 * @returns {import('../types').EarlierPart}
 */
export function createEarlier({ t, locale, now, panel, header, chat, drawFiles, wordsOf, learn, addStyles, onClose }) {
  learn(BUILT_IN);
  addStyles(css);
  /** Whose session it was when this was opened. */
  let session = '';
  /** @type {Row[]} */
  let rows = [];
  let cursor = '';
  /** The one that is read; null for the list. @type {{id: string, messages: Message[]} | null} */
  let current = null;
  /** @type {'' | 'loading' | 'failed'} */
  let state = '';
  /** What is on its way counts as long as nothing else has been asked for. */
  let asked = 0;
  /** @type {() => void} */
  let retry = () => undefined;

  const title = h('p', { class: 'earlier-title', id: 'earlier' });
  const back = h('button', { type: 'button', class: 'icon-button', onclick: () => (current ? list() : close()) }, drawLine('back', BACK));
  const items = h('ul', { class: 'earlier-list' });
  const log = createLog({
    t,
    drawFiles,
    wordsOf,
    onRetry: () => undefined,
    onEdit: () => undefined,
    onScroll: () => undefined,
  });
  const note = h('p', { class: 'note', role: 'status' });
  const more = h('button', { type: 'button', class: 'button quiet', onclick: () => retry() });
  const element = h(
    'div',
    { class: 'earlier', role: 'group', 'aria-labelledby': 'earlier', hidden: true, onkeydown: onKey },
    h('div', { class: 'earlier-head' }, back, title),
    more,
    items,
    log.element,
    note,
  );
  header.after(element);

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    if (current) list();
    else close();
  }

  /** @param {string} path @param {(answer: any) => void} take */
  async function ask(path, take) {
    const own = (asked += 1);
    state = 'loading';
    retry = () => void ask(path, take);
    draw();
    try {
      const answer = await chat.earlier(path);
      if (own !== asked) return;
      state = '';
      take(answer);
    } catch {
      if (own !== asked) return;
      state = 'failed'; // said, with a way to try again
    }
    draw();
  }

  /** @param {string} after the cursor of a page */
  function load(after) {
    void ask(after && `?cursor=${encodeURIComponent(after)}`, ({ data, next_cursor: next }) => {
      const page = /** @type {any[]} */ (data).map((row) => ({
        id: `${row.id}`,
        last: asMessage(row.last_message),
        at: timeOf(row.last_message?.createdAt ?? row.created_at),
      }));
      rows = after ? [...rows, ...page] : page;
      cursor = next ?? '';
    });
  }

  function list() {
    const left = current;
    current = null;
    asked += 1;
    state = '';
    draw();
    const at = rows.findIndex(({ id }) => id === left?.id);
    /** @type {HTMLElement} */ (items.children[at]?.firstElementChild ?? back).focus();
  }

  /** @param {string} id @param {number} [before] */
  function read(id, before) {
    if (!before) current = { id, messages: [] };
    void ask(`/${encodeURIComponent(id)}/messages${before ? `?before=${before}` : ''}`, ({ messages }) => {
      const page = /** @type {any[]} */ (messages).map(asMessage).filter((message) => message !== null);
      if (current) current.messages = [...page, ...current.messages];
    });
    back.focus();
  }

  function close() {
    if (element.hidden) return;
    asked += 1;
    rows = [];
    current = null;
    setVisible(element, false);
    panel.classList.remove('reading');
    onClose();
  }

  function draw() {
    const clock = createClock(locale());
    setText(title, t('earlierTitle'));
    setAttribute(back, 'aria-label', t('earlierBack'));
    const isEmpty = !current && !rows.length && !state;
    const said = state === 'loading' ? 'loading' : state ? 'loadFailedTitle' : isEmpty ? 'earlierEmpty' : '';
    setText(note, said && t(said));
    const first = current?.messages[0];
    const isMore = !state && (current ? !!first && first.seq > 1 : cursor !== '');
    setVisible(more, isMore || state === 'failed');
    setText(more, t(state ? 'loadRetry' : 'earlierMore'));
    if (isMore) retry = () => (current && first ? read(current.id, first.seq) : load(cursor));
    element.classList.toggle('is-list', !current);
    setVisible(items, !current);
    setVisible(log.element, !!current);
    if (current) drawLog(current, clock);
    else {
      items.replaceChildren(
        ...rows.map(({ id, last, at }) =>
          h(
            'li',
            {},
            h(
              'button',
              { type: 'button', class: 'earlier-one', onclick: () => read(id) },
              h('span', { class: 'earlier-when' }, clock.day(at, now(), t)),
              h('span', { class: 'earlier-line', dir: 'auto' }, lineOf(last)),
            ),
          ),
        ),
      );
    }
  }

  /** @param {Message | null} last */
  const lineOf = (last) => last?.text || last?.files?.map(({ name }) => name).join(', ') || '…';

  /** @param {{id: string, messages: Message[]}} shown @param {ReturnType<typeof createClock>} clock */
  function drawLog({ id, messages }, clock) {
    const picture = /** @type {import('../types').Picture} */ (/** @type {unknown} */ ({
      segments: [{ id, messages, notes: [], marks: { delivered: 0, seen: 0 } }],
      pending: /** @type {import('../types').PendingMessage[]} */ ([]),
      aliases: new Map(),
      now: now(),
    }));
    const sending = { said: () => '', isGone: () => false };
    const lines = createRows(picture, { t, pageWords: t, clock, contact: '', sending });
    log.update(
      lines.map((row) => (row.kind === 'message' ? { ...row, state: '' } : row)),
      false,
    );
  }

  return {
    open() {
      session = chat.sessionId();
      setVisible(element, true);
      panel.classList.add('reading');
      load('');
      back.focus();
    },
    update() {
      if (element.hidden) return;
      if (chat.sessionId() === session) draw();
      else close(); // what was another's is not shown any more
    },
    close,
    destroy: log.stop,
  };
}
