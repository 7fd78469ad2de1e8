import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '../src/chat/http.js';
import { createArea, createServer, createTab, createTimers, settle } from './fakes.js';

/** A visitor whose language can be changed. */
function visitor() {
  const timers = createTimers();
  const server = createServer(timers);
  const words = { locale: 'en' };
  const tab = createTab({ timers, server, area: createArea(), locale: () => words.locale });
  const speak = (locale) => {
    words.locale = locale;
    tab.chat.localeChanged();
  };
  return { timers, server, tab, speak };
}

test('a language chosen before the first message is the one the conversation begins in', async () => {
  const { timers, server, tab, speak } = visitor();
  tab.chat.start();
  speak('lv');
  tab.chat.send('Sveiki');
  await timers.advance(0);
  assert.deepEqual([server.starts, server.locales], [[{ locale: 'lv' }], []]);
});

test('a language changed while the conversation begins reaches it too', async () => {
  const { timers, server, tab, speak } = visitor();
  const { begin } = server.api;
  server.api.begin = (...args) => (speak('ru'), begin(...args));
  tab.chat.start();
  tab.chat.send('Hello');
  await timers.advance(0);
  assert.deepEqual([server.starts[0].locale, server.locales], ['en', ['ru']]);
});

test('of several changes the last one arrives, and the closed line is asked for again', async () => {
  const { timers, server, tab, speak } = visitor();
  tab.chat.start();
  tab.chat.send('Hello');
  await timers.advance(0);
  server.conversations.get('c1').status = 'CLOSED';
  server.conversations.get('c1').closedNote = 'Saruna slēgta';
  for (const locale of ['de', 'fr', 'lv']) speak(locale);
  await timers.advance(0);
  assert.equal(server.locales.at(-1), 'lv');
  assert.ok(server.locales.length < 3, 'those in between need not be told');
  assert.equal(tab.chat.picture().closedNote, 'Saruna slēgta');
  assert.equal(tab.area.record.locale, 'lv');
});

test('a change made offline is told after the reconnect', async () => {
  const { timers, server, tab, speak } = visitor();
  tab.chat.start();
  tab.chat.send('Hello');
  await timers.advance(0);
  server.refuse.setLocale.push(new ApiError(0, 'no_answer', ''), new ApiError(0, 'no_answer', ''));
  speak('de');
  await settle();
  speak('ru');
  await timers.advance(600_000);
  assert.deepEqual(server.locales, []);
  server.sockets[0].connect();
  await settle();
  assert.deepEqual(server.locales, ['ru']);
});

test('a message never overtakes the language that it is answered in', async () => {
  const { timers, server, tab, speak } = visitor();
  tab.chat.start();
  tab.chat.send('Hello');
  await timers.advance(0);
  const heard = [];
  const { send, setLocale } = server.api;
  server.api.send = (...args) => (heard.push(args[2]), send(...args));
  server.api.setLocale = async (...args) => {
    for (let i = 0; i < 20; i += 1) await Promise.resolve();
    heard.push(args[2]);
    return setLocale(...args);
  };
  speak('lv');
  tab.chat.send('Labdien');
  await timers.advance(0);
  assert.deepEqual(heard, ['lv', 'Labdien']);
});

test('a message does not wait for a server that will not be told', async () => {
  const { timers, server, tab, speak } = visitor();
  tab.chat.start();
  tab.chat.send('Hello');
  await timers.advance(0);
  server.refuse.setLocale.push(new ApiError(429, 'rate_limited', '', 60_000));
  speak('lv');
  tab.chat.send('Labdien');
  await timers.advance(0);
  assert.deepEqual(server.texts(), [['Hello', 'Labdien']]);
});

test('a call that hangs holds up the messages for a moment only', async () => {
  const { timers, server, tab, speak } = visitor();
  tab.chat.start();
  tab.chat.send('Hello');
  await timers.advance(0);
  const { setLocale } = server.api;
  let answer = () => undefined;
  server.api.setLocale = async (...args) => {
    await new Promise((resolve) => {
      answer = resolve;
    });
    return setLocale(...args);
  };
  speak('lv');
  tab.chat.send('Labdien');
  await timers.advance(1499);
  assert.deepEqual(server.texts(), [['Hello']]);
  await timers.advance(1);
  assert.deepEqual(server.texts(), [['Hello', 'Labdien']]);
  tab.chat.send('Vai dzirdat?');
  await timers.advance(0);
  assert.deepEqual(server.texts(), [['Hello', 'Labdien', 'Vai dzirdat?']]);
  answer();
  await timers.advance(0);
  assert.deepEqual(server.locales, ['lv'], 'one call, which got through after all');
  assert.equal(tab.area.record.locale, 'lv');
});

test('after a failure the server is left alone for some seconds', async () => {
  const { timers, server, tab, speak } = visitor();
  tab.chat.start();
  tab.chat.send('Hello');
  await timers.advance(0);
  let calls = 0;
  server.api.setLocale = async () => {
    calls += 1;
    throw new ApiError(503, 'dependency_down', '');
  };
  speak('lv');
  for (const text of ['Labdien', 'Vai', 'dzirdat?']) tab.chat.send(text);
  await timers.advance(4999);
  assert.deepEqual(server.texts(), [['Hello', 'Labdien', 'Vai', 'dzirdat?']]);
  assert.equal(calls, 1);
  await timers.advance(1);
  assert.equal(calls, 2, 'what was wanted meanwhile is tried once');
  await timers.advance(600_000);
  assert.equal(calls, 2);
});

test('a fault of our own while telling the language stops no message', async () => {
  const { timers, server, tab, speak } = visitor();
  tab.chat.start();
  tab.chat.send('Hello');
  await timers.advance(0);
  const { setLocale } = server.api;
  server.api.setLocale = async () => {
    throw new TypeError('not an answer');
  };
  speak('lv');
  tab.chat.send('Labdien');
  await timers.advance(0);
  tab.chat.send('Vai dzirdat?');
  await timers.advance(0);
  assert.deepEqual(server.texts(), [['Hello', 'Labdien', 'Vai dzirdat?']]);
  server.api.setLocale = setLocale;
  await timers.advance(5000);
  assert.deepEqual(server.locales, ['lv']);
});

test('a server that is asked too often says when it may be asked again', async () => {
  const { timers, server, tab, speak } = visitor();
  tab.chat.start();
  tab.chat.send('Hello');
  await timers.advance(0);
  server.refuse.setLocale.push(new ApiError(429, 'rate_limited', '', 9000));
  speak('de');
  await timers.advance(8999);
  assert.deepEqual(server.locales, []);
  await timers.advance(1);
  assert.deepEqual(server.locales, ['de']);
});
