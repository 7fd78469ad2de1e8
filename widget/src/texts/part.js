import { splitCodes } from './codes.js';
import { splitLinks } from './links.js';
import { h } from '../view/dom.js';

/** The part that finds addresses and codes in what somebody wrote: its pieces. @param {string} text @returns {(Node | string)[]} */
export const splitWords = (text) =>
  splitLinks(text).flatMap((piece) => (piece.href ? [link(piece.href, piece.text)] : plainWordsOf(piece.text)));

/** @param {string} text @returns {(Node | string)[]} */
const plainWordsOf = (text) =>
  splitCodes(text).map((piece) => (piece.isCode ? h('bdi', {}, piece.text) : piece.text));

/** @param {string} href @param {string} text */
const link = (href, text) =>
  h(
    'a',
    // Mail and telephone open a program, for which there need be no empty tab.
    { href, dir: 'ltr', target: /^http/i.test(href) && '_blank', rel: 'noopener noreferrer nofollow' },
    text,
  );
