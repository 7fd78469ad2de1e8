const SVG = 'http://www.w3.org/2000/svg';

/** The brand mark, as in docs/brand/mark.svg. */
const MARK =
  'M22 4H42A18 18 0 0 1 60 22V32A18 18 0 0 1 42 50H34.5A19.5 19.5 0 0 0 4 34.9V22A18 18 0 0 1 22 4z' +
  'M3.4 53.4C3.4 44.7 7.3 39.9 13.9 37.8L15.4 41.1C11.5 42.3 9.3 44.9 9.3 47.4A6 6 0 1 1 3.4 53.4z' +
  'M18 53.4C18 44.7 21.9 39.9 28.5 37.8L30 41.1C26.1 42.3 23.9 44.9 23.9 47.4A6 6 0 1 1 18 53.4z';

/** Lines on a 24-pixel grid. */
const LINES = {
  chevron: 'M6 9.5l6 6 6-6',
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
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  const path = document.createElementNS(SVG, 'path');
  svg.setAttribute('viewBox', name === 'mark' ? '0 0 64 64' : '0 0 24 24');
  svg.setAttribute('class', name === 'mark' ? 'icon mark' : `icon line icon-${name}`);
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('focusable', 'false');
  path.setAttribute('d', name === 'mark' ? MARK : LINES[name]);
  svg.append(path);
  return svg;
}
