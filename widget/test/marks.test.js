import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { parseFrame } from '../src/chat/frames.js';
import { ApiError, createArea, createServer, createTab, createTimers, settle } from './fakes.js';

let timers, server, area;

beforeEach(() => {
  timers = createTimers();
  server = createServer(timers);
  area = createArea();
});

const openTab = async (more = {}) => {
  const tab = createTab({ timers, server, area, ...more });
  tab.chat.start();
  await settle();
  return tab;
};
const talking = async () => {
  const tab = await openTab();
  tab.chat.send('One');
  await settle();
  server.receipts.length = 0;
  return tab;
};
const marks = ({ chat }) => chat.picture().segments[0].marks;

test('the frames about marks and typing are read', () => {
  const read = (frame) => parseFrame(JSON.stringify(frame));
  assert.deepEqual(read({ type: 'delivered', id: 'm' }), { kind: 'delivered', id: 'm' });
  assert.deepEqual(read({ type: 'receipts', delivered_seq: 2, seen_seq: 1 }), {
    kind: 'receipts', marks: { delivered: 2, seen: 1 },
  });
  assert.deepEqual(read({ type: 'typing', from: 'agent', agent: 'Ana', expires_in: 6 }), {
    kind: 'typing', agent: 'Ana', seconds: 6,
  });
  assert.equal(read({ type: 'typing', from: 'customer' }).kind, 'unknown', 'another tab of the visitor');
});

test('what the server says about a message only grows, and is there after a reload', async () => {
  const tab = await talking();
  assert.deepEqual(marks(tab), { delivered: 0, seen: 0 });
  server.push('c1', { kind: 'delivered', id: 'c1-m1' });
  assert.deepEqual(marks(tab), { delivered: 1, seen: 0 });
  server.push('c1', { kind: 'receipts', marks: { delivered: 1, seen: 1 } });
  server.push('c1', { kind: 'receipts', marks: { delivered: 0, seen: 0 } });
  assert.deepEqual(marks(tab), { delivered: 1, seen: 1 });
  server.conversations.get('c1').marks = { delivered_seq: 1, seen_seq: 1 };
  assert.deepEqual(marks(await openTab()), { delivered: 1, seen: 1 });
});

test('what the visitor gets and sees is told soon, together, and once', async () => {
  const { chat } = await talking();
  server.reply('c1', 'Two');
  server.reply('c1', 'Three');
  await timers.advance(900);
  assert.deepEqual(server.receipts, []);
  await timers.advance(200);
  assert.deepEqual(server.receipts, [['socket', { type: 'receipts', delivered_seq: 3, seen_seq: 0 }]]);
  chat.markRead();
  await timers.advance(60_000);
  assert.deepEqual(server.receipts.slice(1), [['socket', { type: 'receipts', delivered_seq: 3, seen_seq: 3 }]]);
});

test('without a socket it is told by HTTP, which answers with the marks', async () => {
  const tab = await talking();
  server.sockets[0].open = false;
  server.sockets[0].on.onLink('waiting');
  server.conversations.get('c1').marks = { delivered_seq: 1, seen_seq: 1 };
  server.add('c1', 'OUTBOUND', 'Two');
  server.sockets[0].on.onRefused();
  await timers.advance(1100);
  assert.deepEqual(server.receipts, [['http', { delivered_seq: 2, seen_seq: 0 }]]);
  assert.deepEqual(marks(tab), { delivered: 1, seen: 1 });
});

test('an agent who is writing is shown for a while, or until they have answered', async () => {
  const { chat } = await talking();
  const typing = { kind: 'typing', agent: 'Ana', seconds: 6 };
  server.push('c1', typing);
  await timers.advance(5900);
  assert.equal(chat.picture().typing, 'Ana');
  await timers.advance(200);
  assert.equal(chat.picture().typing, '');
  server.push('c1', typing);
  server.reply('c1', 'Two');
  assert.equal(chat.picture().typing, '');
});

test('an edit that was made while the socket was away is seen after the reconnect', async () => {
  const { screen } = await talking();
  server.reply('c1', 'Tuseday');
  server.sockets[0].on.onLink('waiting');
  server.conversations.get('c1').messages[1] = { ...server.conversations.get('c1').messages[1], text: 'Tuesday' };
  server.sockets[0].on.onLink('open');
  await settle();
  assert.deepEqual(screen(), ['One', 'Tuesday']);
});

test('a session that an agent has ended leaves nothing on the screen, in no tab', async () => {
  const { chat, screen } = await talking();
  const other = await openTab({ tab: 'tab2' });
  server.end('c1', 'session_revoked');
  server.push('c1', { kind: 'error', code: 'session_ended' });
  await settle();
  other.chat.storageChanged('session');
  await settle();
  for (const each of [chat, other.chat]) assert.deepEqual(each.picture().segments, []);
  assert.equal(chat.picture().ended, true);
  await timers.advance(120_000);
  assert.deepEqual(screen(), []);
  chat.send('Two');
  await timers.advance(2000);
  assert.deepEqual(server.texts(), [['One'], ['Two']]);
  assert.deepEqual([screen(), chat.picture().ended], [['Two'], false]);
});

test('a message that finds its session ended by an agent begins anew, with nothing above it', async () => {
  const { chat, screen } = await talking();
  server.end('c1', 'session_revoked');
  chat.send('Two');
  await timers.advance(2000);
  assert.deepEqual(server.texts(), [['One'], ['Two']]);
  assert.deepEqual(screen(), ['Two']);
});

for (const [status, code, isKept] of [
  [403, 'tenant_mismatch', false],
  [400, 'invalid_parameter', false],
  [403, 'origin_not_allowed', true],
  [429, 'rate_limited', true],
]) {
  test(`a token of an earlier version is ${isKept ? 'kept' : 'let go'} after ${code}`, async () => {
    const id = 'c9';
    server.conversations.set(id, { messages: [], byClientId: new Map(), status: 'OPEN_UNCLAIMED' });
    const { store } = createTab({ timers, server, area });
    store.saveEarlier({ id, token: server.issue(id), locale: 'en' });
    server.refuse.start = [new ApiError(status, code, '')];
    const { chat } = await openTab();
    assert.equal(store.earlierSession() !== null, isKept);
    chat.send('Hello');
    await timers.advance(20_000);
    assert.equal(server.texts().flat().length, 1, 'the chat works once it may');
  });
}

test('what was not told before the page was put away is told when it is back', async () => {
  const { chat } = await talking();
  server.reply('c1', 'Two');
  chat.pause();
  server.slowSockets = true;
  chat.resume();
  await timers.advance(1100);
  assert.deepEqual(server.receipts, [['http', { delivered_seq: 2, seen_seq: 0 }]]);
});
