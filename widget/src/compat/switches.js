import { storageArea } from '../chat/area.js';
import { createStorage } from '../chat/storage.js';

/**
 * Sound and vibration as the visitor has set them, under the keys of the first
 * widget: `scw:notify:sound` and `scw:notify:vibrate` ('1' or '0'). Pages
 * may have switches of their own that read and write them.
 */
export function createSwitches() {
  const storage = createStorage('scw:notify:', storageArea('localStorage'));
  return {
    /** @returns {unknown} */
    volume: () => storage.get('volume'),
    /** @param {'sound' | 'vibrate'} key @param {boolean} otherwise until the visitor has chosen */
    isOn(key, otherwise) {
      const chosen = storage.get(key);
      return chosen === 1 || chosen === 0 ? chosen === 1 : otherwise;
    },
    /** @param {'sound' | 'vibrate'} key @param {boolean} on */
    set: (key, on) => storage.set(key, on ? 1 : 0),
  };
}
