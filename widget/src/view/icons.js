import { drawLine, drawMark } from './drawing.js';

/** Lines on a 24-pixel grid. */
const LINES = {
  close: 'M6.5 6.5l11 11M17.5 6.5l-11 11',
  more: 'M5.5 12h.01M12 12h.01M18.5 12h.01',
  send: 'M12 19V5.5M5.5 12L12 5.5l6.5 6.5',
  down: 'M12 5v13.5M6 12.5l6 6 6-6',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20c.8-3.6 3.7-5.5 7.5-5.5s6.7 1.9 7.5 5.5',
  sound: 'M4 10v4h3.5l4.5 4V6L7.5 10zM15.5 9.5a3.5 3.5 0 0 1 0 5M18 7a7 7 0 0 1 0 10',
  phone: 'M8.5 3.5h7v17h-7zM4.5 9v6M19.5 9v6',
  clear: 'M4.5 7h15M9.5 7V4.5h5V7M6.5 7l1 13h9l1-13',
  alert: 'M12 8v4.5M12 16h.01M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z',
};

/** @param {keyof typeof LINES | 'mark'} name */
export const icon = (name) => (name === 'mark' ? drawMark() : drawLine(name, LINES[name]));
