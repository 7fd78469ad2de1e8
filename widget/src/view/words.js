import { splitCodes } from '../codes.js';
import { splitLinks } from '../links.js';
import { h } from './dom.js';

/** What somebody wrote, with its addresses as links. @param {string} text @returns {(Node | string)[]} */
export const wordsOf = (text) =>
  splitLinks(text).flatMap((piece) => (piece.href ? [link(piece.href, piece.text)] : plainWordsOf(piece.text)));

/** The same without links. @param {string} text @returns {(Node | string)[]} */
export const plainWordsOf = (text) =>
  splitCodes(text).map((piece) => (piece.isCode ? h('bdi', {}, piece.text) : piece.text));

/** @param {string} href @param {string} text */
const link = (href, text) =>
  h(
    'a',
    // Mail and telephone open a program, for which there need be no empty tab.
    { href, dir: 'ltr', target: /^http/i.test(href) && '_blank', rel: 'noopener noreferrer nofollow' },
    text,
  );
