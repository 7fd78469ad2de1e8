const SVG = 'http://www.w3.org/2000/svg';

/** The brand mark, as in docs/brand/mark.svg. */
const QUOTE = 'c0-8.7 3.9-13.5 10.5-15.6l1.5 3.3c-3.9 1.2-6.1 3.8-6.1 6.3a6 6 0 1 1-5.9 6z';
const MARK = `M22 4H42A18 18 0 0 1 60 22V32A18 18 0 0 1 42 50H34.5A19.5 19.5 0 0 0 4 34.9V22A18 18 0 0 1 22 4zM3.4 53.4${QUOTE}M18 53.4${QUOTE}`;

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
