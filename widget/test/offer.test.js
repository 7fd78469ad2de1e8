import assert from 'node:assert/strict';
import { test } from 'node:test';
import { offer } from '../src/offer.js';

/** What a page has in its window before the script runs, and what it has after. */
function offered(before, name = 'SupportChat') {
  const api = { init: () => 'ours' };
  globalThis.window = before;
  try {
    offer(api, name);
    return [before[name], api];
  } finally {
    delete globalThis.window;
  }
}

test('an element of the name is no API', () => {
  const named = Object.create({ SupportChat: { tagName: 'DIV', init: undefined } });
  const [found, api] = offered(named);
  assert.equal(found, api);
});

test('a variable of the page without an init gives way', () => {
  for (const stub of [undefined, null, [], {}, 'x', { q: [] }]) {
    const [found, api] = offered({ SupportChat: stub });
    assert.equal(found, api);
  }
  const declared = Object.defineProperty({}, 'SupportChat', { value: undefined, writable: true, configurable: false });
  const [found, api] = offered(declared);
  assert.equal(found, api);
});

test('a second script leaves the first alone', () => {
  const first = { init: () => 'first' };
  assert.equal(offered({ SupportChat: first })[0], first);
});

test('a name that the page holds fast breaks nothing', (t) => {
  t.mock.method(console, 'error', () => undefined);
  const held = Object.freeze({ SupportChat: 1 });
  assert.equal(offered(held)[0], 1);
  assert.equal(console.error.mock.callCount(), 1);
});

test('each name is looked at alone', () => {
  const window = { SupportChat: { init: () => 'first' } };
  const [found, api] = offered(window, 'SupportChatV2');
  assert.equal(found, api);
  assert.equal(window.SupportChat.init(), 'first');
});
