import { attempt } from './browser.js';

/**
 * A short two-note chime, synthesised, so that there is no file to load. Browsers start an
 * AudioContext only after the visitor has touched the page: `unlock` belongs into such an event.
 * @param {{soundVolume: number, soundGain: number}} settings @param {unknown} kept how loud the visitor has it
 */
export function createSound(settings, kept) {
  const { volume, gain } = loudness(settings, kept);
  /** @type {AudioContext | null} */
  let context = null;

  return {
    unlock() {
      context ??= attempt(() => new AudioContext(), null);
      if (context?.state === 'suspended') context.resume().catch(() => undefined); // not allowed yet
    },
    play() {
      if (!context || context.state !== 'running') return;
      const running = context;
      attempt(() => {
        const out = running.createGain();
        out.gain.value = Math.min(1, volume * gain * 0.6);
        out.connect(running.destination);
        chime(running, out, 659, 0);
        chime(running, out, 880, 0.11);
      });
    },
    close() {
      context?.close().catch(() => undefined); // already closed
      context = null;
    },
  };
}

/**
 * How loud: what the page says, else what is kept in this browser, within its bounds.
 * @param {{soundVolume: number, soundGain: number}} settings @param {unknown} kept
 */
export const loudness = ({ soundVolume, soundGain }, kept) => ({
  volume: within(soundVolume, 1, within(kept, 1, 0.5)),
  gain: within(soundGain, 5, 1),
});

/** @param {unknown} value @param {number} high @param {number} otherwise */
const within = (value, high, otherwise) =>
  typeof value === 'number' && value === value ? Math.min(high, Math.max(0, value)) : otherwise;

/** @param {AudioContext} context @param {AudioNode} out @param {number} hertz @param {number} delay */
function chime(context, out, hertz, delay) {
  const at = context.currentTime + delay;
  const tone = context.createOscillator();
  const envelope = context.createGain();
  tone.frequency.value = hertz;
  envelope.gain.setValueAtTime(0, at);
  envelope.gain.linearRampToValueAtTime(1, at + 0.012);
  envelope.gain.exponentialRampToValueAtTime(0.001, at + 0.32);
  tone.connect(envelope).connect(out);
  tone.start(at);
  tone.stop(at + 0.34);
}
