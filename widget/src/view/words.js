import { createDoor } from '../door.js';

/** Whatever is an address or a code has one of these. */
const SIGNS = /[@#+]|www\.|:\/\//i;

/**
 * What somebody wrote, as pieces: plain until the part is there that finds addresses and codes.
 * @param {() => Promise<any>} load
 * @param {() => number} elapsed
 * @param {() => void} onReady
 */
export function createWords(load, elapsed, onReady) {
  /** @type {import('../types').SplitWords} */
  let split = (text) => [text];
  const want = createDoor(load, elapsed, (better) => {
    split = better;
    onReady();
  });

  return {
    /** How it is done by now: another function when more is known. */
    way: () => split,
    /** @param {string} text */
    of(text) {
      if (SIGNS.test(text)) void want();
      return split(text);
    },
  };
}
