import { BUILT_IN } from '../locales.js';
import { createChooser } from './chooser.js';
import css from './files.css';
import { createShown } from './shown.js';
import { createUploads } from './uploads.js';

/**
 * The part of the widget for files. It has its own words, in all languages.
 * @param {import('../types').FilesDeps} deps
 * @returns {import('../types').FilesPart}
 */
export function createFiles(deps) {
  deps.learn(BUILT_IN);
  deps.addStyles(css);
  const uploads = createUploads(deps);
  /** @type {ReturnType<typeof createChooser> | null} */
  let chooser = null;
  const abort = new AbortController();

  // What is here is gone with the page: the browser asks before it leaves.
  addEventListener(
    'beforeunload',
    (event) => {
      if (!uploads.isBusy() && !chooser?.count()) return;
      event.preventDefault();
      event.returnValue = true; // Chrome and Edge before 119
    },
    { signal: abort.signal },
  );

  return {
    ...uploads,
    draw: createShown(deps),
    offer: () => void (chooser ??= createChooser(deps, abort.signal)),
    retell: () => chooser?.retell(),
    destroy() {
      abort.abort();
      uploads.sweep([]);
    },
  };
}
