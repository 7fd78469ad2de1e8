import { FILES } from 'built:files';

// A part that did not come is sought again, but not before this.
const AGAIN_MS = 60_000;

/**
 * The way to the part that shows and sends files, which most conversations never need.
 * @param {{
 *   load: import('./types').Shell['part'],
 *   elapsed: () => number,
 *   deps: import('./types').FilesDeps,
 *   onReady: () => void,
 * }} deps
 */
export function createFilesDoor({ load, elapsed, deps, onReady }) {
  /** @type {import('./types').FilesPart | null} */
  let part = null;
  let askAt = 0;

  async function want() {
    if (part || elapsed() < askAt) return;
    askAt = Infinity;
    const create = await load('files', FILES);
    askAt = elapsed() + AGAIN_MS;
    if (!create) return;
    part = create(deps);
    onReady();
  }

  return {
    want,
    /** False while there is nothing to draw with. @param {HTMLElement} holder @param {import('./types').FilesRow} row */
    draw(holder, row) {
      void want();
      part?.draw(holder, row);
      return !!part;
    },
  };
}
