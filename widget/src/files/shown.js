import { drawLine } from '../view/drawing.js';
import { h, setAttribute } from '../view/dom.js';
import { sizeOf } from './size.js';

/** @typedef {import('../types').Attachment} Attachment */
/** @typedef {{element: HTMLElement, update: (file: Attachment) => void}} View */

/** The longest side of a picture among the messages, in pixels. */
const PICTURE_PX = 220;
/** An address is good for twelve hours at least. */
const FRESH_MS = 11 * 3600 * 1000;
const AGAIN_MS = 10_000;
const TRIES = 5;
const PAPER = 'M13.5 3.5h-8v17h13v-12zM13.5 3.5v5h5';

/**
 * Draws the files of messages: pictures in the place that they will take, others by name and size.
 * @param {Pick<import('../types').FilesDeps, 't' | 'locale' | 'renew'>} deps
 * @returns {import('../types').FilesPart['draw']}
 */
export function createShown({ t, locale, renew }) {
  /** @type {WeakMap<HTMLElement, Map<string, View>>} */
  const drawn = new WeakMap();

  /** @param {Attachment} file @param {string} key */
  const say = (file, key) => t(key, { name: file.name, size: sizeOf(file.bytes, locale()) });

  /** @returns {View} */
  function named() {
    const name = h('bdi', { class: 'file-name' });
    const size = h('span', { class: 'file-size' });
    const element = h('a', { class: 'file' }, drawLine('paper', PAPER), h('span', { class: 'file-words' }, name, size));
    return {
      element,
      update(file) {
        name.textContent = file.name;
        size.textContent = sizeOf(file.bytes, locale());
        // Not in place of the page, where an address may be over.
        setAttribute(element, 'target', file.url && '_blank');
        setAttribute(element, 'rel', file.url && 'noopener noreferrer');
        setAttribute(element, 'href', file.url);
        setAttribute(element, 'aria-label', file.url && say(file, 'fileDownload'));
      },
    };
  }

  /** @param {Attachment} first @param {() => void} onOver its address seems to be over @returns {View} */
  function picture({ width = 0, height = 0 }, onOver) {
    const scale = Math.min(1, PICTURE_PX / width, PICTURE_PX / height);
    const image = h('img', {
      width: Math.round(width * scale),
      height: Math.round(height * scale),
      loading: 'lazy',
      decoding: 'async',
    });
    const link = h('a', { class: 'photo', target: '_blank', rel: 'noopener noreferrer' }, image);
    const instead = named();
    const element = h('div', {}, link);
    let failures = 0;
    let failedAt = 0;
    image.addEventListener('error', () => {
      failures += 1;
      failedAt = Date.now();
      element.replaceChildren(instead.element);
      if (failures < TRIES) onOver();
    });
    return {
      element,
      update(file) {
        setAttribute(link, 'href', file.url);
        setAttribute(image, 'alt', say(file, 'filePicture'));
        instead.update(file);
        const isFresh = image.src !== file.url;
        if (!image.src || (failures && failures < TRIES && (isFresh || Date.now() - failedAt > AGAIN_MS))) {
          failedAt = Date.now();
          image.src = file.url ?? '';
          element.replaceChildren(link);
        }
      },
    };
  }

  /** @param {Attachment} file @param {import('../types').FilesRow} row @returns {View} */
  function make(file, row) {
    let url = file.url;
    let since = Date.now();
    const renewed = () => void (row.at && renew(row.at));
    const view = file.url && file.kind === 'image' && file.width && file.height ? picture(file, renewed) : named();
    return {
      element: view.element,
      update(next) {
        if (next.url !== url) since = Date.now();
        url = next.url;
        if (Date.now() - since > FRESH_MS) {
          since = Date.now();
          renewed();
        }
        view.update(next);
      },
    };
  }

  return function draw(holder, row) {
    const before = drawn.get(holder);
    /** @type {Map<string, View>} */
    const views = new Map();
    for (const file of row.files ?? []) {
      const view = before?.get(file.id) ?? make(file, row);
      views.set(file.id, view);
      view.update(file);
    }
    drawn.set(holder, views);
    const elements = [...views.values()].map(({ element }) => element);
    if (elements.some((element, at) => holder.children[at] !== element)) holder.replaceChildren(...elements);
    return true;
  };
}
