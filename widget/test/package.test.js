import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, test } from 'node:test';
import { init, load } from '../npm/index.js';

const ORIGIN = 'https://chat.example.com';
/** @type {any[]} */
let scripts = [];
let number = 0;

/** A server that no other test has loaded a script of. */
const anotherOrigin = () => `https://chat${(number += 1)}.example.com`;

/** What the loaded script leaves on the page. */
function arrive(script, started = []) {
  const api = { init: (options) => (started.push(options), { ...api, options }) };
  globalThis.window.SupportChatV2 = api;
  script.onload();
  return started;
}

beforeEach(() => {
  scripts = [];
  globalThis.window = {};
  globalThis.document = {
    createElement: () => ({ remove() {} }),
    head: { append: (script) => scripts.push(script) },
  };
});

afterEach(() => {
  delete globalThis.window;
  delete globalThis.document;
});

test('the script of a server is loaded once', async () => {
  const origin = anotherOrigin();
  const both = [init({ origin, tenant: 'acme' }), init({ origin: `${origin}/`, nonce: 'n', tenant: 'acme' })];
  assert.deepEqual(scripts.map(({ src }) => src), [`${origin}/widget.min.js`]);
  const started = arrive(scripts[0]);
  await Promise.all(both);
  assert.deepEqual(started.map(({ tenant }) => tenant), ['acme', 'acme']);
});

test('what stands on the page already is used', async () => {
  const started = [];
  globalThis.window.SupportChatV2 = { init: (options) => started.push(options) };
  await init({ origin: anotherOrigin(), open: true });
  assert.deepEqual([scripts.length, started[0].open], [0, true]);
});

test('a nonce is on the script', async () => {
  const loading = load({ origin: anotherOrigin(), nonce: 'abc' });
  assert.equal(scripts[0].nonce, 'abc');
  arrive(scripts[0]);
  await loading;
});

test('after a script that did not come, the next call tries again', async () => {
  const origin = anotherOrigin();
  const first = load({ origin });
  scripts[0].onerror();
  await assert.rejects(first, { message: `@chatorical/widget: ${origin}/widget.min.js could not be loaded.` });
  const second = load({ origin });
  assert.equal(scripts.length, 2);
  arrive(scripts[1]);
  await second;
});

test('another script at the address is no chat', async () => {
  const loading = load({ origin: anotherOrigin() });
  scripts[0].onload();
  await assert.rejects(loading, /is no chat script/);
});

test('what cannot work says why', async () => {
  for (const origin of [undefined, '', 'chat.example.com', 'javascript:alert(1)', 'file:///srv']) {
    await assert.rejects(init({ origin }), /'origin' must be your server's address/, String(origin));
  }
  delete globalThis.document;
  await assert.rejects(init({ origin: ORIGIN }), /starts in a browser/);
});

test('the package has the version of the script', async () => {
  const versions = await Promise.all(
    ['../package.json', '../npm/package.json'].map(async (path) =>
      JSON.parse(await readFile(new URL(path, import.meta.url), 'utf8')).version,
    ),
  );
  assert.equal(versions[0], versions[1]);
});
