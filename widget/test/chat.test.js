import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { ApiError, createArea, createServer, createTab, createTimers, settle } from './fakes.js';

let timers, server, area;

function beforeEachTest() {
  timers = createTimers();
  server = createServer(timers);
  area = createArea();
}
beforeEach(beforeEachTest);

const openTab = async (more = {}) => {
  const tab = createTab({ timers, server, area, ...more });
  tab.chat.start();
  await settle();
  return tab;
};
const unavailable = () => new ApiError(503, 'unavailable', '');
const lost = () => Object.assign(new ApiError(0, 'no_answer', ''), { stored: true });

test('a page view makes no conversation', async () => {
  await openTab();
  await timers.advance(120_000);
  assert.equal(server.starts.length, 0);
});

test('the first message waits for the socket, which brings what is said to it only once', async () => {
  const timers = createTimers();
  const server = createServer(timers);
  server.slowSockets = true;
  const { chat } = createTab({ timers, server });
  chat.send('Hello');
  await timers.advance(1000);
  assert.deepEqual(server.texts(), [[]]);
  server.slowSockets = false;
  server.sockets[0].connect();
  await settle();
  assert.deepEqual(server.texts(), [['Hello']]);
});

test('a socket that does not open keeps no message back', async () => {
  const timers = createTimers();
  const server = createServer(timers);
  server.slowSockets = true;
  const { chat } = createTab({ timers, server });
  chat.send('Hello');
  await timers.advance(1500);
  assert.deepEqual(server.texts(), [['Hello']]);
});

test('the first message starts the conversation', async () => {
  const { chat, screen } = await openTab();
  chat.send('  Hello ');
  await settle();
  assert.deepEqual(server.texts(), [['Hello']]);
  assert.deepEqual(screen(), ['Hello']);
});

for (const echo of ['before', 'after', 'never']) {
  test(`an own message shows once when its echo comes ${echo}`, async () => {
    const { chat, screen } = await openTab();
    server.echo = echo;
    chat.send('One');
    chat.send('One');
    await settle();
    await timers.advance(10_000);
    assert.deepEqual(screen(), ['One', 'One']);
    assert.deepEqual(server.texts(), [['One', 'One']]);
  });
}

test('a bubble keeps its key from pending to sent', async () => {
  const { chat } = await openTab();
  server.echo = 'before';
  chat.send('One');
  const [item] = chat.picture().pending;
  await settle();
  const picture = chat.picture();
  assert.equal(picture.aliases.get(picture.segments[0].messages[0].id), item.clientId);
});

test('an answer that was lost on the way makes no second message', async () => {
  const { chat, screen } = await openTab();
  chat.send('One');
  await settle();
  server.refuse.send = [lost(), lost()];
  chat.send('Two');
  await timers.advance(10_000);
  assert.deepEqual(server.texts(), [['One', 'Two']]);
  assert.deepEqual(screen(), ['One', 'Two']);
});

test('messages wait for the server in their order', async () => {
  const { chat, screen } = await openTab();
  server.refuse.start = [unavailable(), unavailable(), unavailable()];
  chat.send('One');
  chat.send('Two');
  await settle();
  assert.deepEqual(screen(), ['One [sending]', 'Two [sending]']);
  await timers.advance(1500);
  assert.equal(chat.picture().stalled, true);
  await timers.advance(20_000);
  assert.deepEqual(server.texts(), [['One', 'Two']]);
  assert.equal(chat.picture().stalled, false);
});

test('429 waits exactly as long as it was told to', async () => {
  const { chat, screen } = await openTab();
  server.refuse.start = [new ApiError(429, 'rate_limited', '', 7000)];
  chat.send('One');
  await timers.advance(6000);
  chat.refresh();
  chat.send('Two');
  await timers.advance(900);
  assert.deepEqual(screen(), ['One [sending]', 'Two [sending]']);
  await timers.advance(200);
  assert.deepEqual(screen(), ['One', 'Two']);
});

test('a refused message fails, can be sent again or taken back, and holds up nobody', async () => {
  const { chat, screen, store } = await openTab();
  chat.send('Fine');
  await settle();
  server.refuse.send = [new ApiError(400, 'message_rejected', '')];
  chat.send('Refused');
  chat.send('Next');
  await settle();
  assert.deepEqual(screen(), ['Fine', 'Next', 'Refused [failed]']);
  chat.retry(store.pending()[0].clientId);
  await settle();
  assert.deepEqual(screen(), ['Fine', 'Next', 'Refused']);
  server.refuse.send = [new ApiError(400, 'message_rejected', '')];
  chat.send('Bad');
  await settle();
  assert.equal(chat.withdraw(store.pending()[0].clientId), 'Bad');
  assert.deepEqual(store.pending(), []);
});

test('trying the later of two failed messages again keeps their order', async () => {
  const { chat, screen, store } = await openTab();
  chat.send('Fine');
  await settle();
  server.refuse.send = ['tenant_suspended', 'message_rejected', 'tenant_suspended', 'tenant_suspended'].map(
    (code) => new ApiError(code === 'message_rejected' ? 400 : 403, code, ''),
  );
  for (const text of ['One', 'Refused', 'Two', 'Three']) chat.send(text);
  await settle();
  assert.deepEqual(screen(), ['Fine', 'One [failed]', 'Refused [failed]', 'Two [failed]', 'Three [failed]']);
  chat.retry(store.pending()[2].clientId);
  await settle();
  assert.deepEqual(screen(), ['Fine', 'One', 'Two', 'Refused [failed]', 'Three [failed]']);
});

test('what was not sent survives a reload', async () => {
  const first = await openTab();
  server.refuse.start = [unavailable()];
  first.chat.send('One');
  await settle();
  first.chat.stop();
  const second = await openTab();
  await timers.advance(1000);
  assert.deepEqual(second.screen(), ['One']);
  assert.deepEqual(server.texts(), [['One']]);
});

test('when the session is over, the next message begins a new conversation under the old one', async () => {
  const { chat, screen } = await openTab();
  chat.send('Old');
  await timers.advance(3_700_000);
  server.end('c1');
  chat.send('New');
  await settle();
  assert.deepEqual(server.texts(), [['Old'], ['New']]);
  assert.deepEqual(screen(), ['Old', 'New']);
  chat.stop();
  const reloaded = await openTab();
  assert.deepEqual(reloaded.screen(), ['New'], 'nothing that opens the old one is kept');
});

test('an agent who answers in the former conversation is still heard', async () => {
  const { chat, screen } = await openTab();
  chat.send('Old');
  await timers.advance(3_700_000);
  server.end('c1');
  chat.send('New');
  await settle();
  server.add('c1', 'OUTBOUND', 'Late answer');
  await timers.advance(61_000);
  assert.deepEqual(screen(), ['Old', 'Late answer', 'New']);
});

test('only the server decides when a session is over, whatever the clock says', async () => {
  for (const wrongMs of [86_400_000, -86_400_000, 0]) {
    beforeEachTest();
    timers.setWrong(wrongMs);
    const { chat, screen } = await openTab();
    chat.send('Old');
    await timers.advance(1000);
    timers.setWrong(0);
    chat.send('Still the same');
    await settle();
    assert.deepEqual(server.texts(), [['Old', 'Still the same']]);
    server.end('c1');
    chat.send('New');
    await settle();
    assert.deepEqual(server.texts(), [['Old', 'Still the same'], ['New']]);
    assert.deepEqual(screen(), ['Old', 'Still the same', 'New']);
  }
});

test('a server that ends a session it has just begun does not send us round in circles', async () => {
  const { chat, screen } = await openTab();
  server.end('c1');
  chat.send('One');
  await timers.advance(60_000);
  assert.equal(server.starts.length, 1);
  assert.deepEqual(screen(), ['One [failed]']);
});

test('a conversation that the server does not know any more is forgotten', async () => {
  const { chat, screen, store } = await openTab();
  chat.send('One');
  await settle();
  server.conversations.clear();
  chat.refresh();
  await settle();
  assert.deepEqual(screen(), []);
  assert.deepEqual([store.sessionId(), area.record], ['', null]);
});

test('what was pushed nowhere comes with the history after the reconnect', async () => {
  const { chat, screen, incoming } = await openTab();
  chat.send('One');
  await settle();
  const socket = server.sockets[0];
  socket.open = false;
  socket.on.onLink('waiting');
  server.reply('c1', 'Two');
  server.reply('c1', 'Three');
  await settle();
  assert.deepEqual(screen(), ['One']);
  socket.connect();
  await settle();
  assert.deepEqual(screen(), ['One', 'Two', 'Three']);
  assert.deepEqual(incoming, ['Two', 'Three']);
});

test('a push that leaves a gap fetches what is missing', async () => {
  const { chat, screen } = await openTab();
  chat.send('One');
  await settle();
  server.add('c1', 'OUTBOUND', 'Two');
  server.reply('c1', 'Three');
  await settle();
  assert.deepEqual(screen(), ['One', 'Two', 'Three']);
});

test('an agent\'s edit changes the words at once', async () => {
  const { chat, screen } = await openTab();
  chat.send('One');
  await settle();
  const { id } = server.reply('c1', 'Tuseday');
  server.push('c1', { kind: 'edited', id, text: 'Tuesday' });
  server.push('c1', { kind: 'edited', id: 'unknown', text: 'Nothing' });
  assert.deepEqual(screen(), ['One', 'Tuesday']);
});

test('what an agent takes back vanishes at once, and is not missed', async () => {
  const { chat, screen } = await openTab();
  chat.send('One');
  await settle();
  const { id } = server.reply('c1', 'To another customer');
  await settle();
  assert.deepEqual(screen(), ['One', 'To another customer']);
  server.push('c1', { kind: 'edited', id, text: '', deleted: true });
  assert.deepEqual(screen(), ['One']);
  server.reply('c1', 'Hello');
  await settle();
  assert.deepEqual(screen(), ['One', 'Hello']);
});

test('what an agent takes back or edits is heard of without a socket, too', async () => {
  server.slowSockets = true;
  const { chat, screen } = await openTab();
  chat.send('One');
  await timers.advance(2000);
  const wrong = server.add('c1', 'OUTBOUND', 'To another customer');
  const misspelt = server.add('c1', 'OUTBOUND', 'Tuseday');
  server.sockets[0].on.onRefused();
  await settle();
  assert.deepEqual(screen(), ['One', 'To another customer', 'Tuseday']);
  server.conversations.get('c1').messages.splice(1, 2, { ...wrong, text: '', deleted: true }, { ...misspelt, text: 'Tuesday' });
  server.sockets[0].on.onRefused();
  await settle();
  assert.deepEqual(screen(), ['One', 'Tuesday']);
});

test('an open socket without the echo is a dead one', async () => {
  const { chat } = await openTab();
  server.echo = 'never';
  chat.send('One');
  await timers.advance(7000);
  assert.equal(server.sockets[0].restarted, 1);
});

test('blocked: the message stays here and the picture says so', async () => {
  const { chat, screen } = await openTab();
  chat.send('One');
  await settle();
  server.refuse.send = [new ApiError(403, 'conversation_blocked', '')];
  chat.send('Two');
  await settle();
  assert.equal(chat.picture().blocked, true);
  assert.deepEqual(screen(), ['One', 'Two [failed]']);
});

test('closed with the tenant\'s own words, and writing reopens', async () => {
  const { chat } = await openTab();
  chat.send('One');
  await settle();
  Object.assign(server.conversations.get('c1'), { status: 'CLOSED', closedNote: 'Bye' });
  server.push('c1', { kind: 'closed' });
  await settle();
  assert.deepEqual([chat.picture().closed, chat.picture().closedNote], [true, 'Bye']);
  chat.send('Again');
  await settle();
  assert.equal(chat.picture().closed, false);
});

test('an answer that comes late does not undo the closing', async () => {
  const { chat } = await openTab();
  chat.send('One');
  await settle();
  const send = server.api.send;
  let answer;
  server.api.send = async (...args) => {
    const message = await send(...args);
    await new Promise((resolve) => (answer = resolve));
    return message;
  };
  chat.send('Two');
  await settle();
  server.conversations.get('c1').status = 'CLOSED';
  server.push('c1', { kind: 'closed' });
  await settle();
  answer();
  await settle();
  assert.equal(chat.picture().closed, true);
});

test('a note repeats itself in one line, and leaves when an agent joins', async () => {
  const { chat } = await openTab();
  chat.send('One');
  await settle();
  const wait = { kind: 'note', key: 'waiting_for_agent', text: 'Soon', storedAs: '', message: null };
  server.push('c1', wait);
  server.push('c1', wait);
  const notes = () => chat.picture().segments[0].notes.map(({ text }) => text);
  assert.deepEqual(notes(), ['Soon']);
  server.push('c1', { kind: 'joined', agent: 'Ana' });
  assert.deepEqual(notes(), ['Ana']);
  assert.equal(chat.picture().agent, 'Ana');
});

test('the one who joined or answered last is the one who is there', async () => {
  const { chat } = await openTab();
  chat.send('One');
  await settle();
  server.push('c1', { kind: 'joined', agent: 'Greg' });
  assert.equal(chat.picture().agent, 'Greg');
  server.reply('c1', 'Two');
  assert.equal(chat.picture().agent, 'Ana');
});

test('a note that is stored too shows once, as the message it is', async () => {
  const { chat, screen } = await openTab();
  chat.send('One');
  await settle();
  const message = server.add('c1', 'OUTBOUND', 'Welcome');
  const note = { kind: 'note', key: 'welcome_message', text: 'Welcome', storedAs: message.id };
  server.push('c1', { ...note, message });
  chat.refresh();
  await settle();
  const byIdOnly = server.add('c1', 'OUTBOUND', 'Back again');
  server.push('c1', { ...note, storedAs: byIdOnly.id, message: null });
  await settle();
  assert.deepEqual(screen(), ['One', 'Welcome', 'Back again']);
  assert.deepEqual(chat.picture().segments[0].notes, []);
});

test('unread counts agents\' messages until they are seen, also over a reload', async () => {
  const first = await openTab();
  first.chat.send('One');
  await settle();
  server.reply('c1', 'Two');
  assert.equal(first.chat.picture().unread, 1);
  const second = await openTab();
  assert.equal(second.chat.picture().unread, 1);
  second.chat.markRead();
  assert.equal(second.chat.picture().unread, 0);
  assert.equal(first.chat.picture().unread, 0);
});

test('old history does not ring', async () => {
  const first = await openTab();
  first.chat.send('One');
  await settle();
  server.reply('c1', 'Two');
  first.chat.stop();
  const second = await openTab();
  assert.deepEqual(second.incoming, []);
});

test('two tabs that may lock start one conversation between them', async () => {
  let queue = Promise.resolve();
  const lock = { isShared: () => true, run: (work) => (queue = queue.then(work)) };
  const a = await openTab({ tab: 'a', lock });
  const b = await openTab({ tab: 'b', lock });
  a.chat.send('From a');
  b.chat.send('From b');
  await settle();
  await settle();
  b.chat.storageChanged('session');
  await settle();
  assert.equal(server.starts.length, 1);
  assert.deepEqual(server.texts(), [['From a', 'From b']]);
  assert.deepEqual(a.screen(), ['From a', 'From b']);
  assert.deepEqual(b.screen(), ['From a', 'From b']);
});

test('without locks a tab leaves the other one\'s message alone, then takes it over', async () => {
  const a = await openTab({ tab: 'a' });
  server.refuse.start = [unavailable()];
  a.chat.send('One');
  await settle();
  a.chat.stop();
  const b = await openTab({ tab: 'b' });
  assert.deepEqual(b.screen(), ['One [sending]']);
  await timers.advance(25_000);
  assert.deepEqual(b.screen(), ['One']);
});

test('a name goes with the start; a refused one does not stand in the way', async () => {
  const { chat } = await openTab();
  await chat.rename('Marta');
  server.refuse.start = [new ApiError(400, 'invalid_name', '')];
  chat.send('One');
  await settle();
  assert.deepEqual(server.starts, [{ locale: 'en' }]);
  await chat.rename('Marta K');
  assert.deepEqual(server.renames, ['Marta K']);
  server.refuse.rename = [new ApiError(400, 'invalid_name', '')];
  await assert.rejects(chat.rename('x'), ApiError);
  assert.equal(chat.picture().name, 'Marta K');
});

test('a fault in the middle of sending is shown and told, and the next message goes on', async () => {
  const told = [];
  const { chat, screen } = await openTab({ report: (error) => told.push(error.message) });
  const { send } = server.api;
  server.api.send = async () => {
    throw new TypeError('patched by the page');
  };
  chat.send('One');
  await settle();
  assert.deepEqual(screen(), ['One [failed]']);
  assert.deepEqual(told, ['patched by the page']);
  server.api.send = send;
  chat.retry(chat.picture().pending[0].clientId);
  chat.send('Two');
  await settle();
  assert.deepEqual(screen(), ['One', 'Two']);
});

test('a fault in reading the history ends no reading', async () => {
  const told = [];
  const { chat, screen } = await openTab({ report: (error) => told.push(error.message) });
  chat.send('One');
  await settle();
  const { history } = server.api;
  server.api.history = async () => {
    throw new TypeError('broken');
  };
  chat.refresh();
  await settle();
  server.api.history = history;
  server.add('c1', 'OUTBOUND', 'Two');
  await timers.advance(2000);
  assert.deepEqual(screen(), ['One', 'Two']);
  assert.deepEqual(told, ['broken']);
});

test('without locks another tab\'s message is taken over however wrong the clock was', async () => {
  timers.setWrong(86_400_000);
  const a = await openTab({ tab: 'a' });
  server.refuse.start = [unavailable()];
  a.chat.send('One');
  await settle();
  a.chat.stop();
  timers.setWrong(0);
  const b = await openTab({ tab: 'b' });
  await timers.advance(25_000);
  assert.deepEqual(b.screen(), ['One']);
});

test('an answer lost before a reload makes no second bubble, however wrong the clock', async () => {
  for (const wrongMs of [0, 86_400_000, -86_400_000]) {
    beforeEachTest();
    const first = await openTab();
    first.chat.send('One');
    await settle();
    timers.setWrong(wrongMs);
    server.refuse.send = [lost()];
    server.echo = 'never';
    first.chat.send('One');
    await settle();
    first.chat.stop();
    timers.setWrong(0);
    const second = createTab({ timers, server, area });
    server.refuse.send = [unavailable()];
    second.chat.start();
    await settle();
    assert.deepEqual(second.screen(), ['One', 'One']);
    await timers.advance(10_000);
    assert.deepEqual(server.texts(), [['One', 'One']]);
  }
});

test('days and times are the server\'s when the visitor\'s clock is wrong', async () => {
  timers.setWrong(86_400_000);
  const { chat } = await openTab();
  chat.send('One');
  await settle();
  assert.equal(chat.picture().now, timers.right());
  server.refuse.send = [unavailable()];
  chat.send('Two');
  assert.equal(Date.parse(chat.picture().pending[0].createdAt), timers.right());
});

test('what an outage kept back sets no clock', async () => {
  const { chat, screen } = await openTab();
  chat.send('One');
  await settle();
  const [socket] = server.sockets;
  Object.assign(socket, { open: false }).on.onLink('waiting');
  server.reply('c1', 'Two');
  await timers.advance(600_000);
  socket.connect();
  await settle();
  assert.deepEqual(screen(), ['One', 'Two']);
  assert.equal(chat.picture().now, timers.right());
  server.echo = 'never';
  server.refuse.send = [lost(), ...Array(9).fill(0).map(unavailable)];
  chat.send('Three');
  await timers.advance(600_000);
  assert.deepEqual(screen(), ['One', 'Two', 'Three']);
  assert.equal(chat.picture().now, timers.right());
});

test('a history older than what was seen hides nothing and changes nothing', async () => {
  const told = [];
  const first = await openTab();
  first.chat.send('One');
  await settle();
  const old = await server.api.history('c1', '', 0);
  server.reply('c1', 'Two');
  Object.assign(server.conversations.get('c1'), { status: 'CLOSED', closedNote: 'Bye' });
  first.chat.refresh();
  await settle();
  first.chat.stop();
  const { history } = server.api;
  server.api.history = async () => ({ ...old, messages: [...old.messages] });
  const second = await openTab({ report: (_, hint) => told.push(hint) });
  assert.deepEqual(second.screen(), ['One']);
  assert.match(told[0], /service worker/);
  server.api.history = history;
  await timers.advance(2000);
  assert.deepEqual(second.screen(), ['One', 'Two']);
  assert.equal(second.chat.picture().closed, true);
});

test('a session that is over is no slow connection', async () => {
  const { chat } = await openTab();
  chat.send('One');
  await settle();
  server.end('c1');
  server.sockets[0].on.onLink('waiting');
  server.sockets[0].on.onRefused();
  await settle();
  const { expired, reachable, unavailable: isAway } = chat.picture();
  assert.deepEqual([expired, reachable, isAway], [true, true, false]);
  chat.send('Two');
  await settle();
  assert.deepEqual(server.texts(), [['One'], ['Two']]);
  assert.equal(chat.picture().expired, false);
});

test('a workspace that is switched off says so until a message goes through', async () => {
  const told = [];
  const { chat, screen } = await openTab({ report: (_, hint) => told.push(hint) });
  server.refuse.start = [new ApiError(403, 'tenant_suspended', 'This chat is paused.')];
  chat.send('One');
  await settle();
  assert.deepEqual(screen(), ['One [failed]']);
  assert.equal(chat.picture().unavailable, true);
  assert.deepEqual(told, ['This chat is paused. (tenant_suspended)']);
  chat.retry(chat.picture().pending[0].clientId);
  await settle();
  assert.equal(chat.picture().unavailable, false);
  server.refuse.history = [new ApiError(403, 'tenant_suspended', '')];
  chat.refresh();
  await settle();
  assert.equal(chat.picture().unavailable, true);
  chat.refresh();
  await settle();
  assert.equal(chat.picture().unavailable, false);
});

test('what an agent reopens is open at once', async () => {
  const { chat } = await openTab();
  chat.send('One');
  await settle();
  server.conversations.get('c1').status = 'CLOSED';
  server.push('c1', { kind: 'closed' });
  await settle();
  server.conversations.get('c1').status = 'OPEN_UNCLAIMED';
  server.reply('c1', 'We have reopened this conversation.');
  await settle();
  assert.equal(chat.picture().closed, false);
});

test('clearing forgets everything here and nothing there, and the next message begins anew', async () => {
  const { chat, screen, store } = await openTab();
  chat.send('One');
  await settle();
  server.end('c1');
  await timers.advance(60_000);
  chat.send('Two');
  await settle();
  store.savePreference('name', 'Mara');
  store.saveDraft('half a wo');
  chat.clear();
  assert.deepEqual(screen(), []);
  assert.equal(chat.picture().phase, 'empty');
  await settle();
  assert.deepEqual([store.sessionId(), area.record, store.draft(), chat.picture().name], ['', null, '', '']);
  assert.deepEqual(server.texts(), [['One'], ['Two']]);
  server.reply('c2', 'Too late for this device');
  chat.send('Anew');
  await settle();
  assert.deepEqual(screen(), ['Anew']);
  assert.deepEqual(server.texts(), [['One'], ['Two', 'Too late for this device'], ['Anew']]);
  const reloaded = await openTab();
  assert.deepEqual(reloaded.screen(), ['Anew']);
});

test('clearing takes back what has not left this device', async () => {
  const { chat, screen } = await openTab();
  server.refuse.start = [unavailable(), unavailable(), unavailable()];
  chat.send('One');
  await timers.advance(1500);
  assert.equal(chat.picture().stalled, true);
  chat.clear();
  await timers.advance(60_000);
  assert.deepEqual([screen(), server.texts()], [[], []]);
  assert.equal(chat.picture().stalled, false);
});

test('clearing while the conversation begins leaves none here', async () => {
  const { chat, screen, store } = await openTab();
  let go;
  const { begin } = server.api;
  server.api.begin = async (...args) => {
    await new Promise((resolve) => (go = resolve));
    return begin(...args);
  };
  chat.send('One');
  await settle();
  chat.clear();
  go();
  await timers.advance(5000);
  assert.deepEqual([screen(), store.sessionId(), server.texts()], [[], '', [[]]]);
});

test('clearing in one tab clears the other', async () => {
  const one = await openTab();
  one.chat.send('One');
  await settle();
  const two = await openTab({ tab: 'tab2' });
  assert.deepEqual(two.screen(), ['One']);
  one.chat.clear();
  for (const key of ['session', 'past', 'pending', 'preferences']) two.chat.storageChanged(key);
  await settle();
  assert.deepEqual([two.screen(), two.chat.picture().phase], [[], 'empty']);
});

test('files leave in order with the words, the text with the first of them, each by its own client id', async () => {
  const tab = createTab({ timers, server });
  const sent = [];
  server.api.sendFile = async (id, token, item) => {
    sent.push([item.text, item.file.name]);
    const { text, clientId, file } = item;
    const message = await server.api.send(id, token, text, clientId);
    return { ...message, files: [{ id: clientId, name: file.name, kind: 'document', bytes: 1, url: 'https://a/b' }] };
  };
  tab.chat.start();
  tab.chat.send('before');
  tab.chat.send('with', [{ name: 'a.png', size: 3 }, { name: 'b.png', size: 4 }]);
  tab.chat.send('after');
  await timers.advance(5000);
  assert.deepEqual(sent, [['with', 'a.png'], ['', 'b.png']]);
  assert.deepEqual(tab.chat.picture().segments[0].messages.map(({ text }) => text), ['before', 'with', '', 'after']);
  assert.deepEqual(tab.chat.picture().pending, []);
});

test('a refused file says why, lets the words behind it go, and is tried again or taken back', async () => {
  const tab = createTab({ timers, server });
  let refusal = new ApiError(415, 'attachment_kind_not_allowed', '');
  server.api.sendFile = async (id, token, item) => {
    if (refusal) throw refusal;
    return server.api.send(id, token, item.text, item.clientId);
  };
  tab.chat.start();
  tab.chat.send('look', [{ name: 'a.exe', size: 3 }]);
  tab.chat.send('after');
  await timers.advance(5000);
  const [kind] = tab.chat.picture().pending;
  assert.deepEqual([kind.state, kind.reason], ['failed', 'fileRefusedKind']);
  assert.deepEqual(tab.chat.picture().segments[0].messages.map(({ text }) => text), ['after']);
  assert.equal(tab.chat.withdraw(kind.clientId), 'look');
  refusal = new ApiError(507, 'attachments_full', '');
  tab.chat.send('', [{ name: 'b.pdf', size: 3 }]);
  await timers.advance(5000);
  const [full] = tab.chat.picture().pending;
  assert.equal(full.reason, 'fileFailedFull');
  refusal = null;
  tab.chat.retry(full.clientId);
  await timers.advance(5000);
  assert.deepEqual(tab.chat.picture().pending, []);
});

test('a file that a reload or a closed tab has lost is said to be lost, and its words are kept', async () => {
  const { store } = createTab({ timers, server, area });
  const lost = { text: 'look', createdAt: new Date().toISOString(), after: { id: '', seq: 0 }, state: 'sending', file: { name: 'a.png', bytes: 3 } };
  store.addPending({ ...lost, clientId: 'mine', tab: 'tab1' });
  store.addPending({ ...lost, clientId: 'theirs', tab: 'closed' });
  store.addPending({ ...lost, clientId: 'elsewhere', tab: 'tab3' });
  const tab = createTab({ timers, server, area });
  tab.chat.start();
  await timers.advance(3000);
  assert.deepEqual(
    tab.chat.picture().pending.map(({ clientId, state, reason }) => [clientId, state, reason]),
    [['mine', 'failed', 'fileLost'], ['theirs', 'failed', 'fileLost'], ['elsewhere', 'sending', undefined]],
  );
  assert.equal(tab.chat.withdraw('mine'), 'look');
});

test('trying again in one tab leaves the files of another tab where they are', async () => {
  const elsewhere = { text: 'look', createdAt: new Date().toISOString(), after: { id: '', seq: 0 }, file: { name: 'a.png', bytes: 3 } };
  const { store } = createTab({ timers, server, area });
  store.addPending({ ...elsewhere, clientId: 'theirs', tab: 'tab3', state: 'failed', reason: 'fileFailedFull' });
  store.addPending({ ...elsewhere, clientId: 'mine', tab: 'tab1', state: 'failed', reason: 'failed', file: undefined });
  const tab = createTab({ timers, server, area });
  tab.chat.start();
  await settle();
  tab.chat.retry('mine');
  await timers.advance(3000);
  const theirs = tab.store.pending().find(({ clientId }) => clientId === 'theirs');
  assert.deepEqual([theirs.tab, theirs.state], ['tab3', 'sending']);
});
