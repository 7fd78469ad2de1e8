import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { INTERNAL_NAMES } from '../internal_names.mjs';

const read = (path) => readFile(new URL(`../${path}`, import.meta.url), 'utf8');

test('names that the build shortens are used as properties, and nowhere as a text', async () => {
  const files = (await readdir(new URL('../src', import.meta.url), { recursive: true })).filter((name) => /\.js$/.test(name));
  const code = (await Promise.all(files.map((name) => read(`src/${name}`)))).join('\n').replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, '');
  const unused = INTERNAL_NAMES.filter((name) => !new RegExp(`\\.${name}\\b|[{,]\\s*${name}\\s*[,}:]`).test(code));
  const mend = 'take it off internal_names.mjs';
  assert.deepEqual(unused, [], mend);
  const quoted = INTERNAL_NAMES.filter((name) => new RegExp(`['"\`]${name}['"\`]`).test(code));
  assert.deepEqual(quoted, [], mend);
});

test('no name that a page, the server or a catalog says is shortened', async () => {
  const catalog = JSON.parse(await read('../templates_i18n/catalog/widget/en.json'));
  const outside = (await Promise.all(['../docs/widget.md', 'npm/index.d.ts', 'npm/react.d.ts'].map(read))).join('\n');
  const said = INTERNAL_NAMES.filter((name) => name in catalog || new RegExp(`\\b${name}\\b`).test(outside));
  assert.deepEqual(said, []);
});
