import { createComposer } from './composer.js';
import { h, setAttribute, setText, setVisible } from './dom.js';
import { createHeader } from './header.js';
import { icon } from './icons.js';
import { createLog } from './log.js';

/**
 * The window of the chat: header, log with its empty, loading and failed states, composer.
 * @param {{
 *   t: import('../types').Translate,
 *   chat: Pick<ReturnType<typeof import('../chat/chat.js').createChat>,
 *     'send' | 'retry' | 'withdraw' | 'refresh' | 'picture'>,
 *   onDraft: (text: string) => void,
 *   onClose: () => void,
 *   drawFiles: Parameters<typeof createLog>[0]['drawFiles'],
 *   wordsOf: Parameters<typeof createLog>[0]['wordsOf'],
 *   makeMenu: (place: import('../types').MenuPlace) => Promise<import('../types').MenuPart | null>,
 *   redraw: () => void,
 * }} deps `makeMenu` resolves with null where the part for it cannot be had
 */
export function createPanel({ t, chat, onDraft, onClose, drawFiles, wordsOf, makeMenu, redraw }) {
  const header = createHeader({ t, onMore: () => void openMenu(), onClose });
  /** @type {import('../types').MenuPart | null} */
  let menu = null;
  let isMenuAway = false;
  const log = createLog({
    t,
    drawFiles,
    wordsOf,
    onRetry: chat.retry,
    onEdit(clientId) {
      const text = chat.withdraw(clientId);
      const draft = composer.value();
      const both = draft ? `${text}\n${draft}` : text;
      composer.setValue(both);
      onDraft(both);
      composer.focus();
    },
    onScroll: (atEnd) => atEnd && setVisible(jump, false),
  });
  const composer = createComposer({ t, onDraft, onSend: chat.send });

  const banner = h('p', { class: 'banner', role: 'status', hidden: true });
  const jumpText = h('span');
  const jump = h(
    'button',
    { type: 'button', class: 'jump', hidden: true, onclick: () => log.toEnd() },
    icon('down'),
    jumpText,
  );
  const stateTitle = h('p', { class: 'state-title' });
  const stateText = h('p', { class: 'state-text' });
  const stateAction = h('button', { type: 'button', class: 'button quiet', onclick: () => chat.refresh() });
  const stateIcon = h('span', { class: 'state-icon', 'aria-hidden': 'true' }, icon('mark'));
  const state = h('div', { class: 'state-page' }, stateIcon, stateTitle, stateText, stateAction);
  const skeletonLabel = h('span', { class: 'sr' });
  const skeleton = h(
    'div',
    { class: 'skeleton', role: 'status', hidden: true },
    skeletonLabel,
    ...['a', 'b', 'c'].map((part) => h('i', { class: part })),
  );
  const element = h(
    'div',
    { class: 'panel', role: 'dialog', 'aria-labelledby': 'title', tabindex: '-1' },
    header.element,
    banner,
    h('div', { class: 'body' }, state, skeleton, log.element, jump),
    composer.element,
  );

  /** The first press brings it; one that comes too late to be wanted stays closed. */
  async function openMenu() {
    if (menu) return menu.press();
    const { more } = header;
    if (more.hasAttribute('aria-busy')) return;
    setAttribute(more, 'aria-busy', 'true');
    menu = await makeMenu({ header: header.element, more, focus: composer.focus });
    setAttribute(more, 'aria-busy', null);
    isMenuAway = !menu;
    menu?.update(chat.picture());
    if (!element.inert) menu?.press();
    redraw();
  }

  /** @param {import('../types').Picture} picture @param {boolean} isBare nothing to show in the log */
  function updateStates(picture, isBare) {
    const failed = picture.phase === 'failed';
    const loading = picture.phase === 'loading';
    setVisible(state, isBare && !loading);
    setVisible(skeleton, isBare && loading);
    setVisible(log.element, !isBare);
    setVisible(stateAction, failed);
    state.classList.toggle('failed', failed);
    setText(skeletonLabel, loading ? t('loading') : '');
    setText(stateTitle, t(failed ? 'loadFailedTitle' : 'emptyTitle'));
    setText(stateText, t(failed ? 'loadFailedText' : 'emptyText'));
    setText(stateAction, t('loadRetry'));
  }

  return {
    element,
    header: header.element,
    composer,
    /** A part that the visitor waits for did not come, or has come. @param {boolean} away */
    setAway(away) {
      isMenuAway = away;
      redraw();
    },
    // What an earlier conversation covers is not seen.
    isAtEnd: () => log.isAtEnd() && !element.classList.contains('reading'),
    /** Laid out again: opened, turned, resized. */
    measure() {
      composer.measure();
      if (log.isAtEnd()) log.toEnd();
    },
    /**
     * @param {import('../types').Picture} picture
     * @param {import('../types').Row[]} rows
     * @param {{live: boolean, slow: boolean, modal: boolean, news: boolean}} mode
     *   `slow`: the connection has been away long enough to say so
     */
    update(picture, rows, { live, slow, modal, news }) {
      header.update(picture);
      menu?.update(picture);
      updateStates(picture, rows.length === 0);
      log.update(rows, live);
      composer.update(picture.blocked);
      const text = !picture.online ? t('offline') : isMenuAway ? t('loadFailedTitle') : slow ? t('reconnecting') : '';
      setVisible(banner, text !== '');
      setText(banner, text);
      setText(jumpText, t('newMessages'));
      if (news && !log.isAtEnd()) setVisible(jump, true);
      setAttribute(element, 'aria-modal', modal ? 'true' : null);
    },
    stop: log.stop,
  };
}
