/**
 * JSON that a page cannot bend. Old libraries give arrays, texts and dates a `toJSON` of their own, which
 * makes `JSON.stringify` write a list as a text: here it writes single texts only, where none counts. Others
 * have replaced it altogether. What the visitor writes must arrive as it is.
 */

const own = Object.prototype.hasOwnProperty;
const { parse, stringify } = globalThis.JSON ?? {};

/** @param {unknown} use */
const isNative = (use) => typeof use === 'function' && /\[native code\]/.test(Function.prototype.toString.call(use));

/** Kept from the start, since a page may replace it later. @type {import('./types').Json} */
let json = { parse, quote: stringify };

/** Whether the browser's own JSON was there; else the part for it stands in. */
export const hasJson = () => isNative(parse) && isNative(stringify);

/** @param {import('./types').Json} other */
export function standIn(other) {
  json = other;
}

/**
 * Plain objects, lists, texts, numbers, booleans and null; a member that is undefined is left out.
 * @param {unknown} value
 * @returns {string}
 */
export function encode(value) {
  if (typeof value === 'string') return json.quote(value);
  if (typeof value === 'boolean' || (typeof value === 'number' && isFinite(value))) return `${value}`;
  if (!value || typeof value !== 'object') return 'null';
  let members = '';
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i += 1) members += (i ? ',' : '') + encode(value[i]);
    return `[${members}]`;
  }
  const row = /** @type {Record<string, unknown>} */ (value);
  for (const key in row) {
    if (!own.call(row, key) || row[key] === undefined) continue;
    members += `${members && ','}${json.quote(key)}:${encode(row[key])}`;
  }
  return `{${members}}`;
}

/**
 * The value of a JSON text. Throws SyntaxError for anything else.
 * @param {string} text
 * @returns {any}
 */
export const decode = (text) => json.parse(text);
