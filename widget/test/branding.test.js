import assert from 'node:assert/strict';
import { test } from 'node:test';
import { branded } from '../src/branding.js';
import { readOptions } from '../src/options.js';

const SURROUNDINGS = {
  scriptUrl: 'https://chat.example.com/widget.min.js',
  scriptData: {},
  pageOrigin: 'https://shop.example',
  pageLocale: () => 'en',
};
const read = (options, surroundings = {}) => readOptions(options, { ...SURROUNDINGS, ...surroundings });

const COLORS = { light: { '--brand': '#b3261e' }, dark: { '--brand': '#c3561e' } };
/** As the server answers for a tenant that has set all that there is. */
const CONFIG = {
  branding: { brand: '#b3261e', colors: COLORS, scheme: 'dark', position: 'left', radius: 4, font: 'Inter', contact: 'help@shop.example' },
  features: { sound_toggle: false, sound_default_on: true, vibration_toggle: false, vibration_default_on: true },
};
const PLAIN = {
  branding: { brand: null, colors: null, scheme: 'auto', position: 'auto', radius: 12, font: null, contact: null },
  features: { sound_toggle: true, sound_default_on: false, vibration_toggle: true, vibration_default_on: false },
};

test('what a tenant has set counts where the page says nothing', () => {
  assert.deepEqual(branded(read({ tenant: 'acme' }), CONFIG), {
    tenant: 'acme',
    position: 'left',
    contact: 'help@shop.example',
    showSoundToggle: false,
    showVibrationToggle: false,
    soundDefaultOn: true,
    vibrationDefaultOn: true,
    theme: { brand: '#b3261e', colors: COLORS, scheme: 'dark', radius: 4, font: 'Inter' },
    config: CONFIG,
  });
});

test('the page has the last word, option by option', () => {
  const own = { position: 'right', showSoundToggle: true, soundDefaultOn: false, theme: { brand: 'teal', radius: 20 } };
  const found = branded(read(own), CONFIG);
  assert.deepEqual(
    [found.position, found.showSoundToggle, found.soundDefaultOn, found.showVibrationToggle],
    ['right', true, false, false],
  );
  assert.deepEqual(found.theme, { brand: 'teal', radius: 20, scheme: 'dark', font: 'Inter' });
});

test('a slip of the pen is no word', (t) => {
  t.mock.method(console, 'warn', () => undefined);
  const found = branded(read({ position: 'top', contact: 7, showSoundToggle: null }), CONFIG);
  assert.deepEqual([found.position, found.contact, found.showSoundToggle], ['left', 'help@shop.example', false]);
});

test('a tenant that has set nothing has the built-in look', () => {
  const page = read({ tenant: 'acme' });
  const found = branded(page, PLAIN);
  for (const name of ['position', 'contact', 'showSoundToggle', 'soundDefaultOn']) {
    assert.equal(found[name], page[name], name);
  }
});

test('only a page that names its tenant asks for its configuration', () => {
  assert.equal(read({}).isConfigured, false);
  assert.equal(read({ tenant: 'acme' }).isConfigured, true);
  assert.equal(read({}, { scriptData: { key: 'chat_pub_1' } }).isConfigured, true);
  const newer = read({}, { tenant: 'default' });
  assert.deepEqual([newer.isConfigured, newer.tenant], [true, 'default']);
  assert.equal(read({ key: 'chat_pub_1' }, { tenant: 'default' }).tenant, '');
});

test('what is no function is not called', (t) => {
  t.mock.method(console, 'warn', () => undefined);
  assert.equal(read({ onEvent: 'alert(1)' }).onEvent({ type: 'opened' }), undefined);
  assert.equal(read({ nonce: ' abc ' }).nonce, 'abc');
});
