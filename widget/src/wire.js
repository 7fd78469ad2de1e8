/**
 * JSON without the page's help. Old libraries give arrays, texts and dates a `toJSON` of their own,
 * which makes `JSON.stringify` write a list as a text, or replace `JSON.parse` by one that turns texts
 * into dates. What the visitor writes must arrive as it is.
 */

const own = Object.prototype.hasOwnProperty;
const ESCAPES = /** @type {Record<string, string>} */ ({ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' });

/**
 * Plain objects, lists, texts, numbers, booleans and null; a member that is undefined is left out.
 * @param {unknown} value
 * @returns {string}
 */
export function encode(value) {
  if (typeof value === 'string') return quote(value);
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
    members += `${members && ','}${quote(key)}:${encode(row[key])}`;
  }
  return `{${members}}`;
}

/** Everything but letters, digits and the commonest signs by number. @param {string} text */
function quote(text) {
  let quoted = '"';
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    // Halves of a pair may stand alone, and no UTF-8 can say those.
    const isPlain = code > 31 && code !== 34 && code !== 92 && (code < 0xd800 || code > 0xdfff);
    quoted += isPlain ? text[i] : `\\u${(code + 0x10000).toString(16).slice(1)}`;
  }
  return `${quoted}"`;
}

/** Next in a JSON text: a sign, a text, or another value. */
const TOKEN =
  /\s*(?:([[\]{},:])|"((?:[^"\\\0-\x1f]+|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*)"|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))\s*/y;

/** @param {string} text */
const unquote = (text) =>
  text.replace(/\\(?:u(....)|(.))/g, (_, hex, sign) =>
    hex ? String.fromCharCode(parseInt(hex, 16)) : (ESCAPES[sign] ?? sign),
  );

/** @returns {never} */
function fail() {
  throw new SyntaxError('No JSON');
}

/**
 * The value of a JSON text. Throws SyntaxError for anything else.
 * @param {string} text
 * @returns {any}
 */
export function decode(text) {
  /** @type {string | undefined} */ let sign;
  /** @type {string | undefined} */ let quoted;
  /** @type {string | undefined} */ let word;
  let at = 0;

  function next() {
    TOKEN.lastIndex = at;
    [, sign, quoted, word] = TOKEN.exec(text) ?? fail();
    at = TOKEN.lastIndex;
  }

  /** Of the token that `next` has read. @returns {any} */
  function value() {
    if (quoted !== undefined) return unquote(quoted);
    if (word) return word === 'null' ? null : word === 'true' || (word !== 'false' && +word);
    const isList = sign === '[';
    if (!isList && sign !== '{') fail();
    const end = isList ? ']' : '}';
    /** @type {any} */
    const row = isList ? [] : {};
    next();
    let isDone = sign === end;
    while (!isDone) {
      /** @type {string | number} */
      let key = row.length;
      if (!isList) {
        key = unquote(quoted ?? fail());
        next();
        if (sign !== ':') fail();
        next();
      }
      const member = value();
      if (key !== '__proto__') row[key] = member;
      next();
      isDone = sign === end;
      if (!isDone) {
        if (sign !== ',') fail();
        next();
      }
    }
    return row;
  }

  next();
  const result = value();
  return at < text.length ? fail() : result;
}
