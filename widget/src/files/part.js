import { BUILT_IN } from '../locales.js';
import css from './files.css';
import { createShown } from './shown.js';

/**
 * The part of the widget for files. It has its own words, in all languages.
 * @param {import('../types').FilesDeps} deps
 * @returns {import('../types').FilesPart}
 */
export function createFiles(deps) {
  deps.learn(BUILT_IN);
  deps.addStyles(css);
  return { draw: createShown(deps) };
}
