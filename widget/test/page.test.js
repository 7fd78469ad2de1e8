import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contrast, inkOn, readableOn } from '../src/look/contrast.js';
import { parseColor } from '../src/look/colors.js';
import { directionOf, normaliseLocale } from '../src/languages.js';
import { createTranslate } from '../src/translate.js';
import { splitCodes } from '../src/texts/codes.js';
import { BUILT_IN } from '../src/locales.js';
import { readOptions } from '../src/options.js';
import { loudness } from '../src/sound.js';
import { createVisitor } from '../src/whereabouts.js';
import { isPathAllowed, observeRoutes } from '../src/routes.js';
import { nameProblem, tidyName } from '../src/menu/names.js';
import { createClock, createRows } from '../src/view/rows.js';

const { en } = BUILT_IN;
const at = (pathname, hash = '') => ({ pathname, hash });

test('which pages the widget belongs on', () => {
  const table = [
    // path, include, exclude, allowed
    ['/', [], [], true],
    ['/shop', ['/shop'], [], true],
    ['/shop/', ['/shop'], [], true],
    ['/shop', ['/shop/'], [], true],
    ['/shop/mugs', ['/shop'], [], false],
    ['/shop/mugs', ['/shop/*'], [], true],
    ['/shop/mugs/blue', ['/shop/*'], [], true],
    ['/shopping', ['/shop*'], [], true],
    ['/a.b', ['/a.b'], [], true],
    ['/aXb', ['/a.b'], [], false],
    ['/en/help', ['/*/help'], [], true],
    ['/shop/pay', ['/shop/*'], ['/shop/pay'], false],
    ['/pay', [], [/^\/pay/g], false],
    ['/about', ['/shop', /about$/], [], true],
    ['/x', [42], [], false],
  ];
  for (const [path, include, exclude, allowed] of table) {
    assert.equal(isPathAllowed(at(path), include, exclude), allowed, `${path} ${include} ${exclude}`);
  }
  assert.equal(isPathAllowed(at('/', '#/cart'), ['#/cart'], []), true);
});

test('a global pattern gives the same answer every time', () => {
  const pattern = /shop/g;
  assert.deepEqual([1, 2, 3].map(() => isPathAllowed(at('/shop'), [pattern], [])), [true, true, true]);
});

test('routes are observed and given back', async () => {
  const win = new EventTarget();
  const calls = [];
  const pushState = (...args) => calls.push(args);
  win.history = { pushState, replaceState: pushState };
  let changes = 0;
  const undo = observeRoutes(() => (changes += 1), win);
  win.history.pushState(1, '', '/a');
  win.history.replaceState(1, '', '/b');
  win.dispatchEvent(new Event('popstate'));
  await Promise.resolve();
  assert.deepEqual([changes, calls.length], [3, 2]);
  undo();
  assert.equal(win.history.pushState, pushState);
  win.history.pushState(1, '', '/c');
  await Promise.resolve();
  assert.equal(changes, 3);
});

test('a text is looked for in the exact locale, its language, the default, then English', () => {
  const byLocale = {
    'de-AT': { send: 'at' },
    de: { send: 'de', title: 'de' },
    default: { send: 'd', title: 'd', retry: 'd' },
  };
  const t = createTranslate('de-AT', { title: 's', edit: 's', retry: 's' }, byLocale, {}, {
    en: { ...en, sent: 'en', edit: 'en' },
    de: { sent: 'built-in de' },
  });
  assert.deepEqual(
    ['send', 'title', 'retry', 'edit', 'sent', 'today', 'nonsense'].map((key) => t(key)),
    ['at', 'de', 'd', 's', 'built-in de', 'Today', 'nonsense'],
  );
  assert.equal(createTranslate('de_at'.replace('_', '-'), {}, { 'DE_at': { send: 'x' } })('send'), 'x');
});

test('values and plurals', () => {
  const t = createTranslate('en', {}, {});
  assert.equal(t('launcherUnread', { count: 1 }), 'Open chat, 1 unread message');
  assert.equal(t('launcherUnread', { count: 5 }), 'Open chat, 5 unread messages');
  const own = createTranslate('lv', { joined: '{agent} {unknown}', charactersLeft_other: 'vēl {count}' }, {});
  assert.equal(own('joined', { agent: '{count}' }), '{count} {unknown}');
  assert.equal(own('charactersLeft', { count: 3 }), 'vēl 3');
});

test('locales as pages write them', () => {
  assert.deepEqual(['en_us', 'LV', 'zh-hant-tw', '', 'x y'].map(normaliseLocale), [
    'en-US', 'lv', 'zh-Hant-TW', 'en', 'en',
  ]);
  assert.deepEqual(['ar-EG', 'he', 'en', 'fa'].map(directionOf), ['rtl', 'rtl', 'ltr', 'rtl']);
});

test('wrong options fall back instead of breaking the page', () => {
  const around = {
    scriptUrl: 'https://chat.example/widget.js?v=1',
    scriptData: {},
    pageOrigin: 'https://shop.example',
    pageLocale: () => 'lv',
  };
  const read = (given) => readOptions(given, around);
  assert.deepEqual([read({}).origin, read({}).locale], ['https://chat.example', 'lv']);
  assert.equal(read({ origin: 'https://a.example/x/' }).origin, 'https://a.example');
  assert.equal(read({ origin: 'javascript:alert(1)' }).origin, 'https://chat.example');
  assert.equal(readOptions({}, { ...around, scriptUrl: '' }).origin, 'https://shop.example');
  const attributes = { plan: 'pro', seats: 3, paid: true, none: null, list: [1] };
  attributes.self = attributes;
  globalThis.location = { href: 'https://shop/' };
  globalThis.document = { referrer: '' };
  const { attributes: shown } = createVisitor(read({ attributes }), () => undefined).said();
  delete globalThis.location;
  delete globalThis.document;
  assert.deepEqual(shown, { plan: 'pro', seats: 3, paid: true });
  assert.deepEqual(
    ['left', 'bottom-left', 'Right', 'middle', 7].map((position) => read({ position }).position),
    ['left', 'left', 'right', '', ''],
  );
  assert.deepEqual(loudness(read({ soundVolume: 9, soundGain: 'x' }), undefined), { volume: 1, gain: 1 });
  assert.deepEqual(read({ includePaths: '/a' }).includePaths, ['/a']);
  assert.deepEqual(read({ strings: 'x', openOnLoad: 'yes' }).strings, {});
});

test('the tenant comes from init, else from the tag', () => {
  const around = { scriptUrl: '', pageOrigin: 'https://shop.example', pageLocale: () => 'lv' };
  const whose = (given, scriptData) => {
    const { tenant, key } = readOptions(given, { ...around, scriptData });
    return [tenant, key];
  };
  assert.deepEqual(whose({}, {}), ['', '']);
  assert.deepEqual(whose({}, { tenant: ' Acme ' }), ['acme', '']);
  assert.deepEqual(whose({ tenant: 7 }, { key: 'chat_pub_1' }), ['', 'chat_pub_1']);
  assert.deepEqual(whose({ key: 'chat_pub_2' }, { tenant: 'acme' }), ['', 'chat_pub_2']);
  assert.deepEqual(whose({ tenant: 'globex' }, { key: 'chat_pub_1' }), ['globex', '']);
});

test('text on the brand colour is always readable', () => {
  for (const brand of ['#3B5BDB', '#748ffc', '#fd0', '#777', '#fff', '#000', 'rgb(255, 80, 0)']) {
    const color = parseColor(brand);
    assert.ok(contrast(inkOn(color), color) >= 4.5, brand);
    for (const paper of ['#ffffff', '#12151c'].map(parseColor)) {
      assert.ok(contrast(readableOn(color, paper, 4.5), paper) >= 4.5, brand);
    }
  }
  assert.equal(Math.round(contrast([0, 0, 0], [255, 255, 255])), 21);
  assert.deepEqual(parseColor('#12f'), [17, 34, 255]);
  for (const nonsense of ['red', '#12', 'rgb(1,2)x', '']) assert.equal(parseColor(nonsense), null);
});

test('codes stay in one piece', () => {
  const codes = (text) => splitCodes(text).filter(({ isCode }) => isCode).map((piece) => piece.text);
  assert.deepEqual(codes('أنت Amber Otter #3F2A، والطلب #17-b.'), ['Amber Otter #3F2A', '#17-b']);
  assert.deepEqual(codes('اتصل بنا +371 2000 0000 غدًا'), ['+371 2000 0000']);
  assert.deepEqual(codes('# 1 + 1 = 2'), []);
  for (const text of ['', 'x', '#1', ' #1 #2 ', 'a #1 b']) {
    assert.equal(splitCodes(text).map((piece) => piece.text).join(''), text);
  }
});

test('names', () => {
  for (const good of ['Al', 'Marta K.', 'Dr. Who', "O'Neil", 'Zoë', 'ab.c', '李雷']) assert.equal(nameProblem(good), '', good);
  for (const link of ['http://x', 'see www.x', 'shop.example', 'a.рф']) assert.equal(nameProblem(link), 'nameLink', link);
  assert.equal(nameProblem('x'), 'nameLength');
  assert.equal(nameProblem('x'.repeat(33)), 'nameLength');
  assert.equal(nameProblem('😀'.repeat(32)), '');
  assert.equal(tidyName('  Marta \n K. '), 'Marta K.');
});

const picture = (more) => ({
  segments: [], pending: [], aliases: new Map(), phase: 'ready', link: 'open', online: true, reachable: true, stalled: false,
  closed: false, closedNote: '', blocked: false, expired: false, unavailable: false, now: Date.parse('2026-03-05T12:00:00Z'), agent: '', unread: 0, name: '', ...more,
});
const marks = { delivered: 0, seen: 0 };
const said = (seq, direction, time, agent) => ({
  id: `id${seq}`, seq, direction, text: `m${seq}`, createdAt: `2026-03-${time}.000Z`, ...(agent ? { agent } : {}),
});
const rows = (more, words) =>
  createRows(picture(more), {
    t: createTranslate('en', {}, {}),
    pageWords: createTranslate('en', {}, {}, {}, {}),
    clock: createClock('en-GB', 'UTC'),
    sending: { said: () => '', isGone: () => false },
    contact: '',
    ...words,
  });

test('bubbles are grouped by author and minute under their day', () => {
  const messages = [
    said(1, 'INBOUND', '03T10:00:01'),
    said(2, 'OUTBOUND', '04T10:00:01', 'Ana'),
    said(3, 'OUTBOUND', '04T10:00:59', 'Ana'),
    said(4, 'OUTBOUND', '04T10:00:59', 'Greg'),
    said(5, 'OUTBOUND', '04T10:01:00', 'Greg'),
    said(6, 'INBOUND', '05T09:00:00'),
  ];
  const short = rows({ segments: [{ id: 'c', messages, notes: [], marks }] }).map((row) =>
    row.kind === 'message' ? `${row.text}${row.first ? ' first' : ''}${row.last ? ' last' : ''}` : row.text,
  );
  assert.deepEqual(short, [
    'Tuesday 3 March', 'm1 first last', 'Yesterday', 'm2 first', 'm3 last', 'm4 first last', 'm5 first last', 'Today', 'm6 first last',
  ]);
});

test('what can be done about a file on its way stands below each of several', () => {
  const file = { text: '', createdAt: '2026-03-05T09:00:00.000Z', after: { id: 'c', seq: 0 }, state: 'sending', file: { name: 'a.png', bytes: 1 } };
  const pending = [{ ...file, clientId: 'a' }, { ...file, clientId: 'b' }, { ...file, clientId: 'c', file: undefined, text: 'and' }];
  const shown = rows({ pending }).filter((row) => row.kind === 'message');
  assert.deepEqual(shown.map(({ canEdit, last }) => [canEdit, last]), [[true, true], [true, true], [false, true]]);
});

test('"sent" stands under the newest own message only', () => {
  const messages = [said(1, 'INBOUND', '05T09:00:00'), said(2, 'INBOUND', '05T09:00:01'), said(3, 'OUTBOUND', '05T09:00:02')];
  const states = rows({ segments: [{ id: 'c', messages, notes: [], marks }] }).map((row) => row.state);
  assert.deepEqual(states, [undefined, '', 'sent', '']);
  const state = (delivered, seen) =>
    rows({ segments: [{ id: 'c', messages, notes: [], marks: { delivered, seen } }] })[2].state;
  assert.deepEqual([state(1, 1), state(2, 1), state(2, 2)], ['sent', 'delivered', 'seen'], 'the newest one');
});

test('notes stand where they were said, and the closed line last', () => {
  const notes = [{ id: 'n1', kind: 'joined', key: 'j', text: '', afterSeq: 1 }];
  const messages = [said(1, 'INBOUND', '05T09:00:00'), said(2, 'OUTBOUND', '05T09:00:02')];
  const segments = [{ id: 'c', messages, notes, marks }];
  const texts = (more) => rows({ segments, ...more }).map((row) => row.text);
  assert.deepEqual(texts({ closed: true, closedNote: 'Bye' }), ['Today', 'm1', 'Support joined', 'm2', 'Bye']);
  assert.equal(texts({ closed: true }).at(-1), en.closed);
  const words = { pageWords: createTranslate('en', { closed: 'page' }, {}, {}, {}) };
  words.t = createTranslate('en', { closed: 'page' }, {}, { closed: 'tenant' });
  assert.equal(rows({ closed: true, closedNote: 'Bye' }, words).at(-1).text, 'page');
  assert.equal(texts({ blocked: true }).at(-1), en.blocked);
});

test('the last line says why writing is not as usual, once', () => {
  const segments = [{ id: 'c', messages: [said(1, 'OUTBOUND', '05T09:00:00')], notes: [], marks }];
  const last = (more, words) => rows({ segments, ...more }, words).slice(-1)[0].text;
  assert.equal(last({ unavailable: true, closed: true }), en.unavailable);
  assert.equal(
    last({ unavailable: true }, { contact: 'help@shop.example' }),
    'This chat is not available at the moment.\nYou can reach us here: help@shop.example',
  );
  assert.equal(last({ expired: true }), en.expired);
  assert.equal(last({ ended: true }), en.ended);
  assert.equal(last({ closed: true, closedNote: 'm1' }), 'm1');
  assert.equal(rows({ segments, closed: true, closedNote: 'm1' }).length, 2, 'the day and the message');
});

test('what is on its way says how it stands', () => {
  const pending = [{ clientId: 'p', text: 'x', createdAt: '2026-03-05T11:00:00.000Z', tab: 't', state: 'sending' }];
  const last = (more) => rows({ pending, ...more }).at(-1);
  assert.equal(last({}).state, 'sending');
  assert.deepEqual([last({ online: false }).state, last({ online: false }).canRetry], ['waiting', false]);
  assert.deepEqual([last({ stalled: true }).state, last({ stalled: true }).canRetry], ['waiting', true]);
  const failed = last({ pending: [{ ...pending[0], state: 'failed', reason: 'failedRefused' }] });
  assert.deepEqual([failed.reason, failed.canRetry, failed.canEdit], [en.failedRefused, false, true]);
});
