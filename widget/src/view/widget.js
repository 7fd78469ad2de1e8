import { watchMedia } from '../browser.js';
import css from './panel.css';
import { addStyles } from './frame.js';
import { createLauncherState } from './launcher_state.js';
import { h } from './dom.js';
import { createPanel } from './panel.js';
import { createClock, createRows } from './rows.js';
import { watchViewport } from './viewport.js';
import { createWords } from './words.js';

/** @typedef {ReturnType<typeof import('../chat/chat.js').createChat>} Chat */

// A reconnect shorter than this is nobody's business.
const SLOW_MS = 4000;

/**
 * The panel beside the button, and what happens between the two. Draws at most once per frame.
 * @param {{
 *   frame: ReturnType<typeof import('./frame.js').createFrame>,
 *   settings: import('../types').Settings,
 *   words: import('../types').Words,
 *   chat: Chat,
 *   draft: {load: () => string, save: (text: string) => void},
 *   onOpenChange: (open: boolean) => void,
 *   drawFiles: Parameters<typeof createPanel>[0]['drawFiles'],
 *   loadWords: () => Promise<any>,
 *   elapsed: () => number,
 *   makeMenu: Parameters<typeof createPanel>[0]['makeMenu'],
 *   sending: Parameters<typeof createRows>[1]['sending'],
 * }} deps
 */
export function createWidget({ frame: { shadow, root, launcher }, settings, words, chat, draft, onOpenChange, drawFiles, loadWords, elapsed, makeMenu, sending }) {
  const { t, pageWords } = words;
  const abort = new AbortController();
  const { signal } = abort;
  let clock = createClock(words.locale());
  let open = false;
  let settled = false;
  let news = false;
  let slow = false;
  let slowTimer = 0;
  let failures = 0;
  let frame = 0;

  const status = h('div', { class: 'sr', role: 'status' });
  const isCoarse = watchMedia('(pointer: coarse)', () => undefined, signal);
  /** @param {string} text */
  const announce = (text) => (status.textContent = text);
  const wordsOf = createWords(loadWords, elapsed, () => redraw());
  const panel = createPanel({
    t,
    chat,
    drawFiles,
    wordsOf,
    makeMenu,
    redraw: () => redraw(),
    onDraft: draft.save,
    onClose: () => setOpen(false, true),
  });
  const updateLauncher = createLauncherState(launcher, t);
  addStyles(shadow, css, settings.nonce);
  root.prepend(panel.element);
  root.append(status);
  root.addEventListener('keydown', onKey, { signal });
  panel.element.inert = true;
  watchViewport(root, panel.element, () => (panel.measure(), redraw()), signal);

  function redraw() {
    frame ||= requestAnimationFrame(draw);
    // Frames stop in hidden tabs, and the badge should be right when the visitor returns.
    if (document.hidden) draw();
  }

  function draw() {
    cancelAnimationFrame(frame);
    frame = 0;
    const picture = chat.picture();
    if (open && !document.hidden && panel.isAtEnd() && picture.unread) chat.markRead();
    watchSlowness(picture.reachable || picture.unavailable || picture.link === 'open');
    announceFailures(picture);
    const rows = createRows(picture, { t, pageWords, clock, contact: settings.contact, sending });
    const modal = root.hasAttribute('data-full');
    panel.update(picture, rows, { live: settled && open, slow, modal, news });
    updateLauncher(picture.unread, open);
    settled = picture.phase !== 'loading';
    news = false;
  }

  /** @param {boolean} fine */
  function watchSlowness(fine) {
    if (fine) {
      clearTimeout(slowTimer);
      slowTimer = 0;
      slow = false;
    } else if (!slow && !slowTimer) {
      slowTimer = window.setTimeout(() => {
        slow = true;
        redraw();
      }, SLOW_MS);
    }
  }

  /** @param {import('../types').Picture} picture */
  function announceFailures({ pending }) {
    const failed = pending.filter((item) => item.state === 'failed');
    const last = failed[failed.length - 1];
    if (last && failed.length > failures && settled) status.textContent = t(last.reason || 'failed');
    failures = failed.length;
  }

  /** @param {boolean} wanted @param {boolean} moveFocus only when the visitor asked for it */
  function setOpen(wanted, moveFocus) {
    if (open === wanted) return;
    open = wanted;
    root.classList.toggle('open', open);
    panel.element.inert = !open;
    draw();
    if (open) panel.measure();
    // On a touch screen the input would bring up the keyboard over what there is to read.
    const target = isCoarse() ? panel.element : panel.composer;
    if (moveFocus) (open ? target : launcher.element).focus();
    onOpenChange(open);
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.key === 'Escape' && open) setOpen(false, true);
    else if (event.key === 'Tab' && open && root.hasAttribute('data-full')) keepInside(event);
  }

  /** On a phone the panel covers the page, so Tab must not wander behind it. @param {KeyboardEvent} event */
  function keepInside(event) {
    const all = [...panel.element.querySelectorAll('button, input, textarea, a[href], [tabindex="0"]')];
    const reachable = /** @type {HTMLElement[]} */ (all).filter(
      (element) => element.getClientRects().length > 0 && !element.matches(':disabled'),
    );
    const edge = event.shiftKey ? reachable[0] : reachable[reachable.length - 1];
    if (shadow.activeElement !== edge) return;
    event.preventDefault();
    (event.shiftKey ? reachable[reachable.length - 1] : reachable[0])?.focus();
  }

  return {
    panel,
    wordsOf,
    announce,
    redraw,
    emptyComposer: () => panel.composer.empty(),
    /** What the visitor has left unsent, unless they write already. */
    showDraft: () => panel.composer.value() || panel.composer.setValue(draft.load()),
    isOpen: () => open,
    setOpen,
    isSmall: () => root.hasAttribute('data-full'),
    /** The visitor is in the chat right now: no chime needed. */
    hasAttention: () => open && document.hasFocus() && shadow.activeElement !== null,
    /** Something came in: if the visitor is reading further up, offer the way down. */
    announceNews() {
      news = true;
      redraw();
    },
    measure: panel.measure,
    /** Says everything again, in the present language and with what is known of it by now. */
    retell() {
      clock = createClock(words.locale());
      draw();
      panel.measure();
    },
    destroy() {
      abort.abort();
      clearTimeout(slowTimer);
      cancelAnimationFrame(frame);
      panel.stop();
    },
  };
}
