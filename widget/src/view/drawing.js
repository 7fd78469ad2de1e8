const SVG = 'http://www.w3.org/2000/svg';

/** The brand mark, as in docs/brand/mark.svg. */
const MARK =
  'M22 4H42A18 18 0 0 1 60 22V32A18 18 0 0 1 42 50H34.5A19.5 19.5 0 0 0 4 34.9V22A18 18 0 0 1 22 4z' +
  'M3.4 53.4C3.4 44.7 7.3 39.9 13.9 37.8L15.4 41.1C11.5 42.3 9.3 44.9 9.3 47.4A6 6 0 1 1 3.4 53.4z' +
  'M18 53.4C18 44.7 21.9 39.9 28.5 37.8L30 41.1C26.1 42.3 23.9 44.9 23.9 47.4A6 6 0 1 1 18 53.4z';

/** @param {string} path @param {number} size of its grid @param {string} kind its classes beside `icon` */
function draw(path, size, kind) {
  const svg = document.createElementNS(SVG, 'svg');
  const line = document.createElementNS(SVG, 'path');
  svg.setAttribute('viewBox', `0 0 ${size} ${size}`);
  svg.setAttribute('class', `icon ${kind}`);
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('focusable', 'false');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
}

export const drawMark = () => draw(MARK, 64, 'mark');

/** @param {string} name @param {string} path on a 24-pixel grid */
export const drawLine = (name, path) => draw(path, 24, `line icon-${name}`);
