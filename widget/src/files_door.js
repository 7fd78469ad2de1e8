import { createDoor } from './door.js';

/**
 * The way to the part that shows and sends files, which most conversations never need.
 * @param {{
 *   load: (name: string) => Promise<any>,
 *   elapsed: () => number,
 *   isAllowed: () => boolean,
 *   deps: () => import('./types').FilesDeps,
 *   onReady: () => void,
 * }} deps `isAllowed`: the visitor may send files from here
 */
export function createFilesDoor({ load, elapsed, isAllowed, deps, onReady }) {
  const want = createDoor(() => load('files'), elapsed, (create) => {
    Object.assign(door, create(deps()));
    if (isAllowed()) door.offer();
    onReady();
  });

  const no = () => false;
  const nothing = () => '';
  /** Answers for the part until it is there, and is the part from then on. @type {import('./types').FilesPart} */
  const door = {
    draw: () => (void want(), false),
    offer: () => void want(),
    retell: nothing,
    keep: nothing,
    has: no,
    send: async () => null,
    said: nothing,
    isGone: no,
    reason: nothing,
    sweep: nothing,
    isClosed: async () => false,
    destroy: nothing,
  };
  return door;
}
