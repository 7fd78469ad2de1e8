import assert from 'node:assert/strict';
import { test } from 'node:test';
import { json } from '../src/json/part.js';
import { decode, encode, hasJson, standIn } from '../src/wire.js';

const OWN = JSON;
/** As the browser has it, and where a page has replaced that. */
const WAYS = Object.entries({ "the browser's": { parse: OWN.parse, quote: OWN.stringify }, "the part's": json });

const VALUES = [
  null, true, false, 0, -1, 1.5, 1e21, '', 'text', '"quoted" \\ / \b\f\n\r\t\0', 'é 東京 😀 \u2028\u2029 \u202e', '\ud800', 'a\udc00b',
  [], [[]], [1, 'two', null, [3]], {}, { a: { b: [{}] }, 'c d': '"' }, { text: 'x', left: undefined, n: NaN },
];

for (const [name, way] of WAYS) {
  test(`what is written reads as JSON.stringify would have written it: ${name}`, () => {
    standIn(way);
    for (const value of VALUES) {
      assert.deepEqual(JSON.parse(encode(value)), JSON.parse(JSON.stringify(value)));
      assert.deepEqual(decode(encode(value)), JSON.parse(JSON.stringify(value)));
      assert.deepEqual(decode(JSON.stringify(value, null, 2)), JSON.parse(JSON.stringify(value)));
    }
  });
}

for (const [name, way] of WAYS) {
  test(`what is no JSON is refused as JSON.parse refuses it: ${name}`, () => {
    standIn(way);
    const broken = [
      '', ' ', '{', '[', '[1', '[1,]', '{"a"}', '{"a":}', '{a:1}', "'a'", '"a', '"\\x"', '"\\u12"', '"\n"', '01', '1.', '.5', '+1', '-',
      'nul', 'NULL', 'True', 'undefined', 'NaN', '1 2', '[1]]', '{"a":1,}', '{,}', '<html>', '/**/1',
    ];
    for (const text of broken) {
      assert.throws(() => JSON.parse(text), text);
      assert.throws(() => decode(text), SyntaxError, text);
    }
  });
}

test('escapes, numbers and blanks as the standard has them', () => {
  standIn(json);
  const texts = ['"\\u00e9\\uD83D\\uDE00\\/\\"\\\\"', ' { "a" : [ 1 , -0.5e+3 ] } ', '1E5', '"\u007f"', '{"a":1,"a":2}'];
  for (const text of texts) assert.deepEqual(decode(text), JSON.parse(text), text);
  assert.deepEqual(Object.keys(decode('{"__proto__":{"x":1},"a":1}')), ['a']);
});

for (const [name, way] of WAYS) {
  test(`nothing depends on what a page has made of the built-ins: ${name}`, () => {
    standIn(way);
    const patched = [[Array.prototype, 'toJSON'], [String.prototype, 'toJSON'], [Number.prototype, 'toJSON'], [Object.prototype, 'toJSON'], [Object.prototype, 'extra']];
    const { stringify, parse } = JSON;
    const value = [{ text: 'Hello', list: [1, '2024-01-01T00:00:00Z'] }];
    try {
      for (const [prototype, name] of patched) prototype[name] = () => 'patched';
      JSON.stringify = JSON.parse = () => 'patched';
      assert.equal(encode(value), '[{"text":"Hello","list":[1,"2024-01-01T00:00:00Z"]}]');
      assert.equal(decode(encode(value))[0].list[1], '2024-01-01T00:00:00Z');
    } finally {
      for (const [prototype, name] of patched) delete prototype[name];
      Object.assign(JSON, { stringify, parse });
    }
  });
}

test("the browser's own is known from a page's", () => {
  assert.equal(hasJson(), true);
});
