// A part that did not come is sought again, but not before this.
const AGAIN_MS = 60_000;

/**
 * The way to a part that most visitors never need: asks for it when it is first wanted.
 * @param {() => Promise<any>} load null where it cannot be had
 * @param {() => number} elapsed
 * @param {(create: any) => void} onReady
 * @returns {() => Promise<void>}
 */
export function createDoor(load, elapsed, onReady) {
  let askAt = 0;
  return async () => {
    if (elapsed() < askAt) return;
    askAt = Infinity;
    const create = await load();
    if (create) onReady(create);
    else askAt = elapsed() + AGAIN_MS;
  };
}
