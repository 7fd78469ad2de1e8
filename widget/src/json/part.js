/** JSON without the page's help, which has replaced the browser's own. */

const ESCAPES = /** @type {Record<string, string>} */ ({ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' });

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
function parse(text) {
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

/** @type {import('../types').Json} */
export const json = { parse, quote };
