import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStorage } from '../src/chat/storage.js';
import { createStore } from '../src/chat/store.js';
import { takeOver } from '../src/first/takeover.js';
import { createArea } from './fakes.js';
import { pageTexts, readTexts, readTextsByLocale } from '../src/compat/strings.js';
import { contrast } from '../src/look/contrast.js';
import { parseColor, solid } from '../src/look/colors.js';
import { isLocale } from '../src/languages.js';
import { createTranslate } from '../src/translate.js';
import { readOptions } from '../src/options.js';
import { loudness } from '../src/sound.js';
import { palette } from '../src/look/palette.js';

const around = {
  scriptUrl: 'https://chat.example/widget.js', scriptData: {}, pageOrigin: 'https://shop.example', pageLocale: () => 'lv',
};

/** What is made of the options and their texts, and what that says in the console. */
function read(given, more = {}) {
  const said = [];
  const { warn } = console;
  console.warn = (line) => said.push(line);
  try {
    const settings = readOptions(given, { ...around, ...more });
    return { settings, said, ...pageTexts(settings) };
  } finally {
    console.warn = warn;
  }
}

test('the texts of the first widget stand where they stood', () => {
  const old = {
    chatButton: 'a', inputPlaceholder: 'b', sendLabel: 'c', editNamePlaceholder: 'd', saveLabel: 'e', cancelLabel: 'f',
    joinedSuffix: ' ir šeit', connecting: 'g', editLabel: 'h', clearConfirm: 'i', confirmYes: 'j', confirmNo: 'k',
    closedPrompt: 'l', soundOn: 'm', soundOff: 'n', vibrationOn: 'o', vibrationOff: 'p', title: 'q', supportLabel: 'r',
    reconnecting: 's', offline: 't', retry: 'u',
  };
  const ignored = [];
  const texts = readTexts(old, (key) => ignored.push(key));
  assert.deepEqual(ignored, []);
  assert.deepEqual(texts, {
    launcherLabel: 'a', launcherOpen: 'a', placeholder: 'b', send: 'c', namePlaceholder: 'd', name: 'd', nameSave: 'e',
    nameCancel: 'f', joined: '{agent} ir šeit', loading: 'g', nameEdit: 'h', clearConfirm: 'i', confirmYes: 'j',
    confirmNo: 'k', closed: 'l', soundOn: 'm', soundOff: 'n', vibrationOn: 'o', vibrationOff: 'p', title: 'q',
    supportLabel: 'r', reconnecting: 's', offline: 't', retry: 'u',
  });
});

test('a text under its new name wins, whatever stands first', () => {
  const none = () => assert.fail();
  assert.equal(readTexts({ placeholder: 'new', inputPlaceholder: 'old' }, none).placeholder, 'new');
  assert.equal(readTexts({ inputPlaceholder: 'old', placeholder: 'new' }, none).placeholder, 'new');
});

test('a text may be named as what every object has', () => {
  for (const name of Object.getOwnPropertyNames(Object.prototype)) {
    const given = JSON.parse(`{"${name}": "x", "sendLabel": "{${name}}"}`);
    const texts = readTexts(given, () => assert.fail());
    const byLocale = readTextsByLocale({ en: given }, () => assert.fail());
    for (const t of [createTranslate('en', texts, {}), createTranslate('en', {}, byLocale)]) assert.equal(t('send'), `{${name}}`);
  }
});

test('a few texts of the page stand among the built-in ones, by locale, language and default', () => {
  const byLocale = readTextsByLocale({
    'lv-LV': { sendLabel: 'exact' },
    lv: { sendLabel: 'language', joinedSuffix: ' ir klāt' },
    default: { sendLabel: 'default', saveLabel: 'default' },
  }, () => assert.fail());
  const say = (locale) => createTranslate(locale, {}, byLocale);
  assert.deepEqual(['lv-LV', 'lv', 'de'].map((locale) => say(locale)('send')), ['exact', 'language', 'default']);
  assert.equal(say('lv-LV')('joined', { agent: 'Anna' }), 'Anna ir klāt');
  assert.equal(say('lv')('nameSave'), 'default');
  assert.equal(say('lv')('placeholder'), 'Rakstiet ziņu');
});

test('what is no text, and what is no option, is named in a line of the console each', () => {
  const { texts, byLocale, said } = read({
    apiBase: 'https://x.example', soundVolume: 'loud', position: 'right', includePaths: '/shop', locale: undefined,
    theme: null, strings: { sendLabel: 7, title: null, closedPrompt: '<b>x</b>' },
    stringsByLocale: { lv: { saveLabel: ['x'] }, en: 'Save', de: null },
  });
  assert.equal(said.length, 2);
  assert.match(said[0], /ignored apiBase, soundVolume:/);
  assert.match(said[1], /ignored strings\.sendLabel, stringsByLocale\.lv\.saveLabel, stringsByLocale\.en:/);
  assert.deepEqual(texts, { closed: '<b>x</b>' });
  assert.deepEqual(byLocale, { lv: {}, en: {}, de: {} });
  assert.deepEqual(read({ position: 'right', tenant: 'a', strings: {} }).said, []);
  assert.deepEqual(read({}).said, []);
});

test('sound and vibration are off unless asked for', () => {
  const { settings } = read({});
  assert.deepEqual([settings.soundDefaultOn, settings.vibrationDefaultOn], [false, false]);
  assert.equal(read({ soundDefaultOn: true }).settings.soundDefaultOn, true);
});

test('the volume is what the page says, else what is kept, within its bounds', () => {
  const volume = (given, kept) => loudness(read(given).settings, kept).volume;
  assert.deepEqual([volume({}, 0.8), volume({}, 9), volume({}, 'x'), volume({ soundVolume: 0.2 }, 0.8)], [0.8, 1, 0.5, 0.2]);
});

test('the page is followed unless it names a locale', () => {
  assert.deepEqual([read({}), read({ locale: ' ' }), read({ locale: 'lv' })].map(({ settings }) => settings.followsPage), [true, true, false]);
});

test('what names a language', () => {
  for (const locale of ['lv', 'en-GB', 'pt_BR', 'zh-Hant-TW', 'fil-PH']) assert.ok(isLocale(locale), locale);
  for (const other of ['', 'dev', 'cimode', 'x y', 'default', '{"a":1}', 'lv_LV.UTF-8', '42', 'null?']) assert.ok(!isLocale(other), other);
});

test('colours as pages write them and browsers compute them', () => {
  const table = [
    ['#c62828', [198, 40, 40]], ['#c628', [204, 102, 34, 136 / 255]], ['#c6282880', [198, 40, 40, 128 / 255]],
    ['rgba(31, 20, 20, 0.92)', [31, 20, 20, 0.92]], ['rgb(0 0 0 / 50%)', [0, 0, 0, 0.5]],
    ['color(srgb 1 0 0.2)', [255, 0, 51]], ['color(srgb 1.2 -0.1 0 / 0.5)', [255, 0, 0, 0.5]],
    ['rgba(0, 0, 0, 0)', null], ['#0000', null], ['transparent', null], ['color(display-p3 1 0 0)', null],
    ['rgb(300, 0, 0)', null], ['rgb(198 40 40', null], ['var(--x)', null],
  ];
  for (const [css, expected] of table) assert.deepEqual(parseColor(css), expected, css);
  assert.deepEqual(solid([0, 0, 0, 0.5], [255, 255, 255]), [127.5, 127.5, 127.5]);
});

const TEXTS = [
  ['ink', 'paper'], ['ink', 'paper-2'], ['ink', 'bubble'], ['ink', 'log'],
  ['ink-soft', 'paper'], ['ink-soft', 'paper-2'], ['ink-soft', 'log'],
  ['brand-ink', 'brand'], ['brand-text', 'bubble'], ['brand-text', 'paper'], ['brand-text', 'log'],
  ['header-ink', 'header'], ['header-soft', 'header'],
  ['warn', 'paper-2'], ['bad', 'paper-2'], ['bad', 'log'], ['bad-ink', 'bad'],
];
const COLORS = ['#ffffff', '#000000', '#c62828', '#8e1616', '#1d1415', '#fbf6f5', '#777777', '#808080', '#ffdd00', '#00ff00', '#0d1b4c', '#f8c8c8'];

test('whatever colours a page has, every text of the panel is readable', () => {
  const at = (i) => parseColor(COLORS[i % COLORS.length]);
  for (const scheme of ['light', 'dark']) {
    for (let i = 0; i < COLORS.length ** 2; i += 1) {
      const page = {
        brand: at(i), brandInk: at(i * 5 + 1), brandLight: at(i * 7 + 2), header: at(i + Math.floor(i / 12)),
        paper: at(Math.floor(i / 12)), log: at(i * 3 + 1), ink: at(i * 5 + 3), inkSoft: at(i * 7 + 5), line: at(i + 4),
      };
      const some = Object.fromEntries(Object.entries(page).filter((_, n) => (i + n) % 4));
      const colors = palette(scheme, some);
      for (const [text, under] of TEXTS) {
        const ratio = contrast(parseColor(colors[`--${text}`]), parseColor(colors[`--${under}`]));
        assert.ok(ratio >= 4.45, `${text} on ${under}: ${ratio} ${JSON.stringify({ scheme, some })}`); // rounded to 8 bits
      }
    }
  }
});

test("a page's colours are taken where they belong to the scheme", () => {
  const light = { brand: [198, 40, 40], paper: [255, 250, 250], ink: [31, 20, 20], header: [142, 22, 22] };
  const page = palette('light', light);
  assert.deepEqual(['brand', 'paper', 'header', 'ink'].map((name) => page[`--${name}`]), [
    'rgb(198 40 40)', 'rgb(255 250 250)', 'rgb(142 22 22)', 'rgb(31 20 20)',
  ]);
  // A page that is switched to dark and leaves its light variables as they are.
  const dark = palette('dark', light);
  assert.equal(dark['--brand'], 'rgb(198 40 40)');
  assert.equal(dark['--paper'], palette('dark', {})['--paper']);
  assert.equal(dark['--ink'], palette('dark', {})['--ink']);
});

const ORIGIN = 'https://chat.example';
const ID = '7d9f1c1e-5a53-4a55-9a25-0f3c2f6b1a11';
const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln';

/** `document` as far as its cookies go. */
function createCookies(initial) {
  const jar = new Map(Object.entries(initial));
  return {
    get cookie() {
      return [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    },
    set cookie(line) {
      const [, name, value] = /^(\w+)=([^;]*)/.exec(line);
      if (/max-age=0/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    },
  };
}

/** A browser that has kept this, after our first visit in it. */
function after(kept, more = {}) {
  const area = more.area ?? createArea();
  for (const [key, value] of Object.entries(kept)) area.setItem(key, value);
  const store = createStore(createStorage('chatorical:x:', area));
  more.before?.(store);
  globalThis.document = more.document ?? createCookies(more.cookies ?? {});
  const wasOpen = takeOver(area, store, ORIGIN);
  const { cookie } = globalThis.document;
  delete globalThis.document;
  const left = [...area.values.keys()].filter((key) => key.startsWith('scw:'));
  return { store, wasOpen, left, cookie };
}

test('what the first widget has kept is taken over once, and moved', () => {
  const { store, wasOpen, left } = after({
    'scw:id': ID, 'scw:token': TOKEN, 'scw:name': ' Mara  Ozola ', 'scw:draft': 'Vai krūze',
    'scw:ts': '1700000000000', 'scw:origin': ORIGIN, 'scw:open': '1', 'scw:notify:sound': '1',
  });
  assert.deepEqual(store.earlierSession(), { id: ID, token: TOKEN, locale: '' });
  assert.equal(store.preference('name'), 'Mara Ozola');
  assert.equal(store.draft(), 'Vai krūze');
  assert.equal(wasOpen, true);
  assert.deepEqual(left, ['scw:notify:sound']);
});

test('cookies bring no conversation, for other sites of the domain can set them, and go', () => {
  const { store, cookie } = after({}, { cookies: { a: 'b', scw_id: ID, scw_token: TOKEN, bad: '%' } });
  assert.equal(store.earlierSession(), null);
  assert.equal(cookie, 'a=b; bad=%');
  const own = ID.replace('7', '8');
  const both = after({ 'scw:id': own, 'scw:token': TOKEN }, { cookies: { scw_id: ID, scw_token: TOKEN } });
  assert.equal(both.store.earlierSession().id, own);
  assert.equal(after({ 'scw:id': ID }, { cookies: { scw_token: TOKEN } }).store.earlierSession(), null);
});

test('what is not of its shape is dropped without trace', () => {
  const broken = [
    { 'scw:id': 'null', 'scw:token': TOKEN }, { 'scw:id': ID }, { 'scw:token': TOKEN }, { 'scw:id': ID, 'scw:token': '{}' },
    { 'scw:id': `${ID}/../x`, 'scw:token': TOKEN }, { 'scw:id': ID, 'scw:token': 'a.b' },
    { 'scw:id': ID, 'scw:token': TOKEN, 'scw:origin': 'https://other.example' },
  ];
  for (const kept of broken) {
    const { store, left } = after(kept);
    assert.equal(store.earlierSession(), null, JSON.stringify(kept));
    assert.deepEqual(left, []);
  }
  for (const name of ['x', 'see www.x.example', 'y'.repeat(40), '   ']) {
    assert.equal(after({ 'scw:name': name }).store.preference('name'), undefined, name);
  }
  assert.equal(after({ 'scw:draft': '  ' }).store.draft(), '');
});

test('the first widget has the newer conversation, and a draft of ours stays', () => {
  const { store } = after({ 'scw:id': ID, 'scw:token': TOKEN, 'scw:draft': 'old' }, {
    before(ours) {
      ours.saveEarlier({ id: 'ours', token: 't', locale: 'lv' });
      ours.saveDraft('newer');
    },
  });
  assert.equal(store.earlierSession().id, ID);
  assert.equal(store.draft(), 'newer');
});

test('storage that refuses is no obstacle', () => {
  const area = { ...createArea(), getItem: () => { throw new Error('SecurityError'); } };
  assert.equal(after({}, { area }).store.earlierSession(), null);
  const store = createStore(createStorage('p:', null));
  globalThis.document = { get cookie() { throw new Error('SecurityError'); } };
  assert.equal(takeOver(null, store, ORIGIN), false);
  delete globalThis.document;
});
