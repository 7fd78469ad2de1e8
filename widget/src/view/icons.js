import { drawLine, drawMark } from './drawing.js';

/** Lines on a 24-pixel grid. */
const LINES = {
  close: 'M6.5 6.5l11 11M17.5 6.5l-11 11',
  more: 'M5.5 12h.01M12 12h.01M18.5 12h.01',
  send: 'M12 19V5.5M5.5 12L12 5.5l6.5 6.5',
  down: 'M12 5v13.5M6 12.5l6 6 6-6',
  alert: 'M12 8v4.5M12 16h.01M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z',
};

/** @param {keyof typeof LINES | 'mark'} name */
export const icon = (name) => (name === 'mark' ? drawMark() : drawLine(name, LINES[name]));
