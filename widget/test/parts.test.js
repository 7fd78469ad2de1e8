import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attempt, watchMedia } from '../src/browser.js';
import { watchSize } from '../src/device.js';
import { makeId, tabLock } from '../src/tabs.js';
import { ApiError } from '../src/chat/http.js';
import { backoffMs } from '../src/chat/backoff.js';
import { asMessage, parseFrame } from '../src/chat/frames.js';
import { judge } from '../src/chat/refusals.js';
import { createStorage } from '../src/chat/storage.js';
import { createStore } from '../src/chat/store.js';
import { cleanText } from '../src/chat/text.js';
import { createTimeline } from '../src/chat/timeline.js';
import { clearTraces } from '../src/traces.js';
import { createVisitor } from '../src/whereabouts.js';
import { createArea } from './fakes.js';

const message = (seq, text = `m${seq}`) => ({
  id: `id${seq}`,
  seq,
  text,
  createdAt: '2026-03-05T10:00:00.000Z',
  direction: 'OUTBOUND',
});

test('backoff doubles from half a second to its cap, spread over the upper half', () => {
  const top = (failures, cap) => backoffMs(failures, cap, () => 1);
  assert.deepEqual([1, 2, 3, 4].map((n) => top(n)), [500, 1000, 2000, 4000]);
  assert.equal(top(50), 30_000);
  assert.equal(top(50, 120_000), 120_000);
  assert.equal(backoffMs(3, 30_000, () => 0), 1000);
});

test('the timeline orders by seq and shows everything once', () => {
  const timeline = createTimeline();
  for (const seq of [3, 1, 3, 2]) timeline.add(message(seq));
  timeline.addHistory([message(1), message(2), message(3)]);
  assert.deepEqual(timeline.messages().map(({ seq }) => seq), [1, 2, 3]);
  assert.equal(timeline.completeUpTo(), 3);
});

test('the timeline knows its gaps', () => {
  const timeline = createTimeline();
  timeline.addHistory([message(1), message(2)]);
  timeline.add(message(4));
  assert.deepEqual([timeline.completeUpTo(), timeline.hasGap()], [2, true]);
  timeline.addHistory([message(3), message(4)]);
  assert.equal(timeline.hasGap(), false);
  timeline.add(message(9));
  timeline.acceptGaps();
  assert.deepEqual([timeline.completeUpTo(), timeline.hasGap()], [9, false]);
});

test('an edited message replaces its text in place', () => {
  const timeline = createTimeline();
  timeline.addHistory([message(1), message(2)]);
  assert.equal(timeline.add(message(1)), false);
  assert.equal(timeline.add(message(1, 'edited')), true);
  assert.deepEqual(timeline.messages().map(({ text }) => text), ['edited', 'm2']);
});

test('a message that was taken back keeps its place, and is shown no more', () => {
  const timeline = createTimeline();
  timeline.addHistory([message(1), message(2), { ...message(3), files: [{ url: 'https://x' }] }, message(4)]);
  timeline.addHistory([{ ...message(2), text: '', deleted: true }]);
  timeline.edit('id3', '', true);
  assert.deepEqual(timeline.messages().map(({ text }) => text), ['m1', 'm4']);
  assert.equal(timeline.countOutboundAfter(0), timeline.messages().filter(({ direction }) => direction === 'OUTBOUND').length);
  const unseen = { ...message(5), text: '', deleted: true };
  assert.deepEqual(timeline.addHistory([unseen]), [], 'what was taken back meanwhile is no news');
  timeline.edit('id4', '', true);
  assert.deepEqual([timeline.lastSeq(), timeline.completeUpTo(), timeline.hasGap()], [5, 5, false]);
});

test('a file without words vanishes when it is taken back, not when its words are', () => {
  const timeline = createTimeline();
  const file = (seq, text) => ({ ...message(seq, text), files: [{ url: 'https://x' }] });
  timeline.addHistory([file(1, ''), file(2, 'Look')]);
  const before = timeline.messages();
  timeline.edit('id1', '', true);
  timeline.edit('id2', '');
  assert.deepEqual(timeline.messages().map(({ id }) => id), ['id2']);
  timeline.addHistory(before); // read before it was taken back
  timeline.add(before[0]);
  assert.deepEqual(timeline.messages().map(({ id }) => id), ['id2']);
});

test('frames of the typed protocol', () => {
  const kinds = [
    ['{"ok":true}', 'ready'],
    [JSON.stringify({ type: 'message', ...message(1) }), 'message'],
    [JSON.stringify(message(1)), 'unknown'],
    ['{"type":"message","direction":"OUTBOUND","text":"no id"}', 'unknown'],
    ['{"type":"message_edited","id":"id1","text":"edited"}', 'edited'],
    ['{"type":"message_deleted","id":"id1"}', 'edited'],
    ['{"type":"conversation_reopened"}', 'reopened'],
    ['{"type":"agent_joined","agent":"Ana"}', 'joined'],
    ['{"type":"info_note","text":"Soon"}', 'note'],
    ['{"type":"conversation_closed"}', 'closed'],
    ['{"type":"error","code":"rate_limited","message":"Slower"}', 'error'],
    ['{"type":"typing"}', 'unknown'],
    ['[1]', 'unknown'],
    ['null', 'unknown'],
    ['not json', 'unknown'],
  ];
  for (const [raw, kind] of kinds) assert.equal(parseFrame(raw).kind, kind, raw);
  assert.equal(parseFrame(new ArrayBuffer(1)).kind, 'unknown');
  assert.equal(parseFrame('{"type":"message_deleted","id":"id1"}').deleted, true);
  assert.equal(parseFrame('{"type":"message_edited","id":"id1","text":""}').deleted, false);
});

test('a message without its identity is none, and a bad time becomes now', () => {
  for (const broken of [null, {}, { id: 'a', text: 'x' }, { id: 'a', seq: 1 }, { id: 1, seq: 1, text: '' }]) {
    assert.equal(asMessage(broken), null);
  }
  assert.ok(Date.parse(asMessage({ id: 'a', seq: 1, text: 'x', createdAt: 'soon' }).createdAt) > 0);
});

test('files come with their message, whichever way a message comes and whatever its words become', () => {
  const attachments = [{ name: 'pot.jpg', url: 'https://chat.example/a' }, { name: 'b.pdf', url: 'https://chat.example/b' }];
  const lines = 'pot.jpg: https://chat.example/a\nb.pdf: https://chat.example/b';
  const files = attachments;
  const pushed = asMessage({ ...message(1), text: 'Look', attachments });
  const read = asMessage({ ...message(1), text: `Look\n${lines}`, caption: 'Look', attachments });
  assert.deepEqual([pushed.text, pushed.files], ['Look', files]);
  assert.deepEqual([read.text, read.files], ['Look', files]);
  assert.deepEqual(asMessage({ ...message(2), text: '', attachments }).files, files);
  for (const bad of ['javascript:alert(1)', '//chat.example/a', undefined]) {
    assert.equal(asMessage({ ...message(3), attachments: [{ name: 'a', url: bad }] }).files, undefined);
  }
  const timeline = createTimeline();
  timeline.add(pushed);
  timeline.edit(pushed.id, 'See');
  assert.deepEqual([timeline.messages()[0].text, timeline.messages()[0].files], ['See', files]);
});

test('what a refused send means', () => {
  const at = (status, code = '', retryAfterMs = 0, isUnproven = false) =>
    judge(new ApiError(status, code, '', retryAfterMs), { attempts: 1, isUnproven, random: () => 1 });
  assert.deepEqual(at(410), { act: 'renew', keepHistory: true });
  assert.deepEqual(at(404), { act: 'renew', keepHistory: false });
  assert.equal(at(410, '', 0, true).act, 'fail');
  assert.deepEqual(at(410, 'session_revoked'), { act: 'renew', keepHistory: false });
  assert.equal(at(410, '', 0, true).reason, 'failedExpired');
  assert.equal(at(401).reason, 'failedExpired', 'a fresh token was refused, too');
  assert.deepEqual(at(429, '', 9000), { act: 'wait', ms: 9000, firm: true });
  assert.deepEqual(at(429), { act: 'wait', ms: 2000, firm: false });
  assert.deepEqual(at(0), { act: 'wait', ms: 500, firm: false });
  assert.deepEqual(at(503, '', 4000), { act: 'wait', ms: 4000, firm: true });
  assert.deepEqual(at(403, 'conversation_blocked'), { act: 'block' });
  for (const status of [402, 403, 429]) {
    assert.deepEqual(at(status, 'over_limit'), { act: 'fail', reason: 'failedLimit', isUnavailable: true });
  }
  for (const [status, code, reason] of [
    [403, 'tenant_suspended', 'failedSuspended'],
    [403, 'origin_not_allowed', 'failedOrigin'],
    [403, 'origin_mismatch', 'failedOrigin'],
    [404, 'tenant_not_found', 'failed'],
    [400, 'tenant_required', 'failed'],
    [401, 'identity_invalid', 'failed'],
    [403, '', 'failed'],
  ]) {
    assert.deepEqual(at(status, code), { act: 'fail', reason, isUnavailable: true });
  }
  for (const status of [400, 409, 413]) assert.equal(at(status).reason, 'failedRefused');
});

test('storage that refuses keeps the value in memory, and serves it before what is stored', () => {
  const area = createArea();
  const storage = createStorage('p:', area);
  storage.set('a', 1);
  area.setItem = () => {
    throw new Error('quota');
  };
  storage.set('a', 2);
  assert.equal(storage.get('a'), 2);
  storage.set('a', null);
  assert.equal(storage.get('a'), null);
  const none = createStorage('p:', null);
  none.set('a', { b: 1 });
  assert.deepEqual(none.get('a'), { b: 1 });
  assert.equal(none.get('other'), null);
});

test('a write that is refused without a word is kept in memory', () => {
  const area = { ...createArea(), setItem: () => undefined };
  const storage = createStorage('p:', area);
  storage.set('a', [1]);
  assert.deepEqual(storage.get('a'), [1]);
  storage.set('a', null);
  assert.equal(storage.get('a'), null);
});

test('locks that the browser refuses are done without', async () => {
  const denied = { request: () => Promise.reject(new DOMException('opaque origin', 'SecurityError')) };
  const lock = tabLock('x', () => denied);
  assert.equal(lock.isShared(), true);
  assert.equal(await lock.run(async () => 'done'), 'done');
  assert.equal(lock.isShared(), false);
  const broken = tabLock('x', () => {
    throw new Error('no such thing');
  });
  assert.deepEqual([broken.isShared(), await broken.run(async () => 7)], [false, 7]);
});

test('a fault of the work is not taken for a refused lock, and nothing is done twice', async () => {
  const lock = tabLock('x', () => ({ request: async (_name, work) => work() }));
  let runs = 0;
  const work = async () => {
    runs += 1;
    throw new Error('the work');
  };
  await assert.rejects(lock.run(work), /the work/);
  assert.deepEqual([runs, lock.isShared()], [1, true]);
});

test('what the browser lacks or refuses falls back', () => {
  assert.equal(attempt(() => globalThis.nothing.at.all, 'else'), 'else');
  assert.match(makeId(), /^[\da-f-]{32,36}$/);
  const { signal } = new AbortController();
  assert.equal(watchMedia('(any)', () => undefined, signal)(), false);
  watchSize({}, () => undefined)();
});

test('a store full of nonsense is an empty store', () => {
  const area = createArea();
  for (const value of ['{', '1', '"x"', '[1]', '{"id":5}', '[null,{"clientId":"a","text":"b","createdAt":"x"}]']) {
    for (const key of ['session', 'past', 'pending', 'read', 'preferences', 'draft:']) area.setItem(`p:${key}`, value);
    const store = createStore(createStorage('p:', area));
    assert.equal(store.earlierSession(), null);
    assert.equal(typeof store.sessionId(), 'string');
    assert.deepEqual(store.pending(), []);
    assert.equal(store.readUpTo('c'), 0);
    assert.equal(store.preference('sound'), undefined);
    assert.equal(typeof store.draft(), 'string');
  }
});

test('what an earlier version has kept is there until it is forgotten', () => {
  const area = createArea();
  const store = createStore(createStorage('p:', area));
  const earlier = { id: 'c', token: 't', locale: 'lv' };
  store.saveEarlier(earlier);
  assert.deepEqual([store.earlierSession(), store.sessionId()], [earlier, '']);
  store.saveSessionId('s');
  store.forgetEarlier(earlier);
  assert.deepEqual([store.earlierSession(), store.sessionId()], [null, 's']);
  store.saveEarlier(earlier);
  store.forgetEarlier(earlier);
  assert.deepEqual([...area.values.keys()], []);
});

test('a draft is kept until it is empty', () => {
  const store = createStore(createStorage('p:', createArea()));
  store.saveDraft('half a');
  assert.equal(store.draft(), 'half a');
  store.saveDraft('');
  assert.equal(store.draft(), '');
});

test('text is trimmed and rid of what the server refuses, nothing else', () => {
  assert.equal(cleanText(' a\0b '), 'ab');
  assert.equal(cleanText('\ud83d\ude00 \ud83d x'), '\ud83d\ude00 \ufffd x');
  assert.equal(cleanText('<b>‏שלום</b> e\u0301'), '<b>‏שלום</b> e\u0301');
});

test('without the chat everything of the visitor goes from the device, and what the first widget has left', () => {
  const area = (keys) => Object.assign(Object.create({ removeItem(key) { delete this[key]; } }), Object.fromEntries(keys.map((key) => [key, '1'])));
  const ours = ['session', 'pending', 'read', 'seen', 'draft:', 'preferences'].map((key) => `chatorical:https://chat:${key}`);
  const first = ['id', 'token', 'origin', 'name', 'draft', 'open', 'ts'].map((key) => `scw:${key}`);
  const others = ['chatorical:https://chat/acme:session', 'scw:notify:volume', 'cart'];
  const expired = [];
  globalThis.document = {
    get cookie() {
      return 'scw_id=1; scw_token=2; cart=3';
    },
    set cookie(text) {
      expired.push(text);
    },
  };
  try {
    const shop = area([...ours, ...first, ...others]);
    clearTraces(shop, 'chatorical:https://chat:', true);
    assert.deepEqual(Object.keys(shop), others);
    assert.deepEqual(expired, ['scw_id=; Max-Age=0; path=/', 'scw_token=; Max-Age=0; path=/']);
    const acme = area([...ours, ...first, ...others]);
    clearTraces(acme, 'chatorical:https://chat/acme:', false);
    assert.deepEqual(Object.keys(acme), [...ours, ...first, 'scw:notify:volume', 'cart'], 'of this workspace alone');
    assert.equal(expired.length, 2);
  } finally {
    delete globalThis.document;
  }
});

test('a page that says nothing about its visitor leaves what another page has said', () => {
  globalThis.location = { href: 'https://shop/' };
  globalThis.document = { referrer: '' };
  try {
    const said = (attributes) => createVisitor({ attributes, identity: undefined }, () => undefined).said().attributes;
    assert.deepEqual([said({}), said({ plan: 'pro' })], [undefined, { plan: 'pro' }]);
  } finally {
    delete globalThis.location;
    delete globalThis.document;
  }
});
