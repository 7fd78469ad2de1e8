import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { beforeEach, test } from 'node:test';
import { createKeyStore } from '../src/chat/key_store.js';
import { createApi } from '../src/chat/api.js';
import { ApiError, createArea, createKeys, createServer, createTab, createTimers, settle } from './fakes.js';

const DAY_MS = 24 * 3600 * 1000;
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
const say = async (tab, text) => {
  tab.chat.send(text);
  await settle();
};
const stored = () => JSON.stringify([...area.values]);
/** As an earlier version has left it. */
async function leaveEarlier(texts = ['Old']) {
  const { conversation_id: id, token } = await server.api.start({ locale: 'en' });
  texts.forEach((text) => server.add(id, 'INBOUND', text));
  area.setItem('p:session', JSON.stringify({ id, token, locale: 'en' }));
  return { id, token };
}

test('a reload goes on with the same conversation, by a signed challenge', async () => {
  const first = await openTab();
  await say(first, 'One');
  first.chat.stop();
  const second = await openTab();
  assert.deepEqual(second.screen(), ['One']);
  await say(second, 'Two');
  assert.deepEqual([server.texts(), server.starts.length, server.renewals], [[['One', 'Two']], 1, ['s1']]);
});

test('nothing that opens the conversation is stored, and the storage alone reads nothing', async () => {
  const first = await openTab();
  await say(first, 'One');
  assert.doesNotMatch(stored(), /head\.|"c1"/);
  const copy = createArea();
  area.values.forEach((value, key) => copy.setItem(key, value));
  let reads = 0;
  server.api.history = async () => ((reads += 1), { messages: [] });
  const thief = createTab({ timers, server, area: copy });
  thief.chat.start();
  await settle();
  assert.deepEqual([thief.screen(), thief.chat.picture().phase, reads], [[], 'empty', 0]);
});

test('a token is renewed in time, once for all calls, whatever the clock says', async () => {
  const { chat } = await openTab();
  chat.send('One');
  await timers.advance(200_000);
  timers.setWrong(-DAY_MS);
  chat.refresh();
  await settle();
  assert.equal(server.renewals.length, 0);
  timers.setWrong(DAY_MS);
  await timers.advance(26 * 3600 * 1000);
  const before = server.renewals.length;
  chat.refresh();
  chat.localeChanged();
  chat.send('Two');
  await settle();
  assert.equal(server.renewals.length, before + 1);
  assert.deepEqual(server.texts(), [['One', 'Two']]);
});

test('a token that is refused is renewed, and the call made again', async () => {
  const { chat, screen } = await openTab();
  const { begin, renew } = server.api;
  server.api.begin = async (...args) => {
    const begun = await begin(...args);
    server.stale.add(begun.token);
    return begun;
  };
  chat.send('One');
  await settle();
  assert.deepEqual([screen(), server.texts(), server.renewals.length], [['One'], [['One']], 1]);
  server.api.renew = async (...args) => {
    const renewed = await renew(...args);
    server.stale.add(renewed.token);
    return renewed;
  };
  await timers.advance(DAY_MS);
  chat.send('Two');
  await settle();
  assert.deepEqual(screen(), ['One', 'Two [failed]'], 'not for ever');
});

test('a renewal that the network swallows is tried again, and the message is sent once', async () => {
  const { chat, screen } = await openTab();
  chat.send('One');
  await timers.advance(DAY_MS);
  const lost = () => new ApiError(0, 'no_answer', '');
  server.refuse.challenge = [lost(), lost()];
  server.refuse.renew = [lost(), new ApiError(401, 'challenge_invalid', '')];
  chat.send('Two');
  await timers.advance(30_000);
  assert.deepEqual([screen(), server.texts(), server.starts.length], [['One', 'Two'], [['One', 'Two']], 1]);
});

test('a key that the server does not know or that cannot sign leads to a new conversation', async () => {
  for (const spoil of [
    () => (server.refuse.renew = Array(9).fill(new ApiError(401, 'signature_invalid', ''))),
    () => server.sessions.clear(),
    (keys) => (keys.sign = () => Promise.reject(new Error('no such key'))),
  ]) {
    timers = createTimers();
    server = createServer(timers);
    area = createArea();
    const keys = createKeys(area);
    const { chat, screen } = await openTab({ keys });
    chat.send('One');
    await timers.advance(DAY_MS);
    spoil(keys);
    chat.refresh();
    await settle();
    assert.equal(chat.picture().expired, true);
    await say({ chat }, 'Two');
    assert.deepEqual([screen(), server.texts()], [['One', 'Two'], [['One'], ['Two']]]);
  }
});

test('two tabs without locks that begin at once end in one conversation', async () => {
  const a = await openTab({ tab: 'a' });
  const b = await openTab({ tab: 'b' });
  a.chat.send('From a');
  b.chat.send('From b');
  await settle();
  for (const tab of [a, b]) tab.chat.storageChanged('session');
  await settle();
  assert.deepEqual(server.texts().filter((texts) => texts.length), [['From a', 'From b']]);
  for (const { screen } of [a, b]) assert.deepEqual(screen(), ['From a', 'From b']);
});

test('a tab follows when another one has begun the next conversation', async () => {
  const a = await openTab({ tab: 'a' });
  await say(a, 'One');
  const b = await openTab({ tab: 'b' });
  server.end('c1');
  await say(a, 'Two');
  await say(b, 'Three');
  assert.deepEqual(server.texts(), [['One'], ['Two', 'Three']]);
  assert.deepEqual(b.screen(), ['One', 'Two', 'Three']);
});

test('what an earlier version has left goes on, once, and its token is gone', async () => {
  const { token } = await leaveEarlier();
  const a = await openTab({ tab: 'a' });
  const b = await openTab({ tab: 'b' });
  assert.deepEqual([a.screen(), b.screen()], [['Old'], ['Old']]);
  assert.equal(server.sessions.size, 1);
  assert.ok(!stored().includes(token) && !stored().includes('"c1"'));
  await say(b, 'New');
  assert.deepEqual([server.texts(), server.starts.length], [[['Old', 'New']], 1]);
  a.chat.stop();
  assert.deepEqual((await openTab()).screen(), ['Old', 'New']);
});

test('what an earlier version has left waits for a server that is away', async () => {
  await leaveEarlier();
  server.refuse.start = [new ApiError(503, 'unavailable', ''), new ApiError(0, 'no_answer', '')];
  const { chat, screen } = await openTab();
  chat.send('New');
  await timers.advance(30_000);
  assert.deepEqual([screen(), server.texts()], [['Old', 'New'], [['Old', 'New']]]);
  assert.equal(server.starts.length, 1);
});

test('a token of an earlier version that is over leaves its conversation to be read', async () => {
  const { token } = await leaveEarlier();
  server.stale.add(token);
  const { chat, screen } = await openTab();
  assert.deepEqual(screen(), ['Old']);
  assert.ok(!stored().includes('head.'));
  await say({ chat }, 'New');
  assert.deepEqual([screen(), server.texts()], [['Old', 'New'], [['Old'], ['New']]]);
});

test('without WebCrypto the session is the page\'s own, and nothing of it is stored', async () => {
  const open = (tab) => {
    const keys = createKeyStore('x', { timers, subtle: () => undefined });
    return openTab({ keys, tab, lock: { isShared: () => true, run: (work) => work() } });
  };
  const a = await open('a');
  const b = await open('b');
  await say(a, 'From a');
  await say(b, 'From b');
  await say(a, 'Again');
  assert.deepEqual(server.texts(), [['From a', 'Again'], ['From b']]);
  assert.deepEqual([a.screen(), b.screen()], [['From a', 'Again'], ['From b']]);
  assert.doesNotMatch(stored(), /head\.|"c1"/);
  assert.deepEqual((await open('a')).screen(), []);
});

test('forgetting ends the session and leaves nothing here, even where the server does not answer', async () => {
  const { chat, screen, store } = await openTab();
  await say({ chat }, 'One');
  await chat.forget();
  assert.deepEqual([screen(), store.sessionId(), area.record], [[], '', null]);
  await assert.rejects(server.api.challenge('s1'), { code: 'session_ended' });
  await say({ chat }, 'Two');
  server.refuse.end = [new ApiError(503, 'unavailable', '')];
  await assert.rejects(chat.forget(), ApiError);
  assert.deepEqual([screen(), area.record], [[], null]);
});

test('a key store in memory signs as the server verifies, and keeps the first of two', async () => {
  for (const database of [() => { throw new Error('SecurityError'); }, () => ({ open: () => ({}) })]) {
    const keys = createKeyStore('x', { timers, database, subtle: () => webcrypto.subtle });
    const pair = await keys.makeKeys();
    const made = keys.add({ id: 'a', locale: 'en', keys: pair });
    await timers.advance(3000);
    assert.equal((await made).id, 'a');
    assert.equal((await keys.add({ id: 'b', locale: 'en', keys: pair })).id, 'a');
    assert.equal((await keys.remove('b')).id, 'a');
    assert.equal(keys.isShared(), false);
    const signature = Buffer.from(await keys.sign(pair, 'header.claims.mac'), 'base64url');
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
    const jwk = await keys.publicKey(pair);
    assert.deepEqual(Object.keys(jwk), ['kty', 'crv', 'x', 'y']);
    const key = await webcrypto.subtle.importKey('jwk', jwk, algorithm, false, ['verify']);
    assert.ok(await webcrypto.subtle.verify(algorithm, key, signature, Buffer.from('header.claims.mac')));
    await assert.rejects(webcrypto.subtle.exportKey('jwk', pair.privateKey));
    assert.equal(await keys.remove(), null);
  }
});

test('a database that answers late still has the conversation that this browser remembers', async () => {
  const opened = [];
  const database = () => ({ open: () => opened[opened.push({}) - 1] });
  const keys = createKeyStore('x', { timers, database, subtle: () => webcrypto.subtle, isKnown: () => true });
  const loading = keys.load();
  await timers.advance(9000);
  opened[0].onerror();
  await settle();
  assert.deepEqual([opened.length, keys.isShared()], [2, true], 'asked once more');
  opened[1].onerror();
  assert.equal(await loading, null);
  assert.equal(keys.isShared(), false);
});

test('a database that is lost after the start takes no conversation with it', async () => {
  let isLost = false;
  const kept = new Map();
  const request = (result) => {
    const made = { result };
    queueMicrotask(() => made.onsuccess?.());
    return made;
  };
  const database = () => ({
    open() {
      if (isLost) throw new DOMException('Connection to Indexed Database server lost', 'UnknownError');
      return request({
        close: () => undefined,
        transaction() {
          const transaction = {
            objectStore: () => ({
              get: (key) => request(kept.get(key)),
              put: (value, key) => kept.set(key, value),
              delete: (key) => kept.delete(key),
            }),
          };
          setTimeout(() => transaction.oncomplete());
          return transaction;
        },
      });
    },
  });
  const keys = createKeyStore('x', { timers, database, subtle: () => webcrypto.subtle });
  await keys.add({ id: 'a', locale: 'en', keys: await keys.makeKeys() });
  isLost = true;
  assert.equal((await keys.load()).id, 'a');
  isLost = false;
  assert.equal(await keys.remove('a'), null);
  assert.equal(kept.size, 0);
});

test('an earlier version’s conversation leaves no id behind', async () => {
  const { id } = await leaveEarlier();
  for (const name of ['read', 'seen']) area.setItem(`p:${name}`, JSON.stringify({ id, seq: 1 }));
  area.setItem(`p:draft:${id}`, '"half a wo"');
  const { screen } = await openTab();
  assert.deepEqual(screen(), ['Old']);
  assert.equal(stored().includes(id), false);
  assert.match(stored(), /s1.*seq/);
});

test('forgetting while an earlier version’s conversation is taken over is not undone', async () => {
  await leaveEarlier();
  const tab = createTab({ timers, server, area });
  tab.chat.start();
  await tab.chat.forget();
  await settle();
  assert.deepEqual([tab.screen(), area.record, tab.store.sessionId()], [[], null, '']);
});

test('a proxy’s 404 while the server is away costs nobody the conversation', async () => {
  const proxy = createApi('https://chat', async () => new Response('<h1>Not found</h1>', { status: 404 }));
  await assert.rejects(proxy.challenge('s'), { status: 0 });
  const ours = createApi('https://chat', async () =>
    new Response('{"error": {"code": "session_not_found", "message": ""}}', { status: 404 }),
  );
  await assert.rejects(ours.challenge('s'), { status: 404, code: 'session_not_found' });
});

test('a page that names no tenant asks once, for the default one unless the server is another one’s', async () => {
  const asked = [];
  const answer = (status, body) => ({ ok: status < 300, status, headers: new Headers(), text: async () => JSON.stringify(body) });
  const begun = answer(201, { session_id: 's', conversation_id: 'c', token: 't', expires_in: 300 });
  const api = (host, whose) =>
    createApi(`https://${host}`, async (url) => {
      asked.push(url);
      return host === 'acme.chat' && url.includes('?')
        ? answer(403, { error: { code: 'tenant_mismatch', message: '' } })
        : begun;
    }, whose);
  await api('chat').begin({ public_key: {} }, '');
  await api('chat').begin({ public_key: {} }, 'an earlier token');
  await api('chat', { tenant: 'blue' }).begin({ public_key: {} }, '');
  await api('acme.chat').begin({ public_key: {} }, '');
  assert.deepEqual(asked, [
    'https://chat/v2/sessions?t=default',
    'https://chat/v2/sessions',
    'https://chat/v2/sessions?t=blue',
    'https://acme.chat/v2/sessions?t=default',
    'https://acme.chat/v2/sessions',
  ]);
});

/** A page whose visitor has signed in as somebody, or as nobody. */
const signedInAs = (person) => ({
  page: () => undefined,
  said: () => ({}),
  identity: async () => (person === null ? null : { token: person && `token of ${person}`, person }),
});

test('whoever signs in or out at a computer reads nothing of who was there before', async () => {
  const open = async (person) => {
    const tab = createTab({ timers, server, area, visitor: signedInAs(person) });
    tab.chat.start();
    await settle();
    return tab;
  };
  const maya = await open('maya');
  maya.chat.send('Mine');
  await settle();
  assert.equal(server.starts[0].identity, 'token of maya');
  assert.deepEqual((await open('maya')).screen(), ['Mine']);
  assert.deepEqual((await open(null)).screen(), [], 'the page cannot say at the moment');
  const toms = await open('toms');
  assert.deepEqual(toms.screen(), []);
  toms.chat.send('His');
  await settle();
  assert.deepEqual((await open('')).screen(), [], 'nobody in particular');
});

test('whoever comes next gets no name, draft or unsent message of who was there before', async () => {
  const maya = await openTab({ visitor: signedInAs('maya') });
  await say(maya, 'Mine');
  await maya.chat.rename('Maya');
  maya.store.saveDraft('half a secret');
  server.refuse.send = [new ApiError(503, 'unavailable', '', 60_000)];
  await say(maya, 'Unsent');
  maya.chat.stop();
  let cleared = 0;
  const toms = createTab({ timers, server, area, visitor: signedInAs('tom'), onCleared: () => (cleared += 1) });
  toms.chat.start();
  toms.chat.send('His');
  await settle();
  assert.deepEqual([toms.screen(), server.texts()], [['His'], [['Mine'], ['His']]]);
  assert.deepEqual([toms.store.draft(), toms.chat.picture().name, cleared], ['', '', 1]);
  assert.deepEqual([server.starts[1].name, toms.store.sessionId()], [undefined, 's2']);
  assert.doesNotMatch(stored(), /Maya|secret|Unsent/);
});

test('a page that takes too long to say who is there shows nothing, and is asked again', async () => {
  await say(await openTab({ visitor: signedInAs('maya') }), 'Mine');
  let asked = 0;
  const identity = () => ((asked += 1) === 1 ? new Promise(() => undefined) : signedInAs('maya').identity());
  const { chat, screen } = await openTab({ visitor: { ...signedInAs('maya'), identity } });
  chat.storageChanged('session'); // another tab's word decides nothing
  await timers.advance(9000);
  assert.deepEqual(screen(), []);
  await timers.advance(3000);
  assert.deepEqual([screen(), asked], [['Mine'], 2]);
});

test('what a person has said in another browser is no news where they begin', async () => {
  const { begin } = server.api;
  await say(await openTab({ visitor: signedInAs('maya') }), 'Mine');
  server.reply('c1', 'Ours');
  server.api.begin = (customer) => begin(customer, server.issue('c1'));
  area = createArea();
  const { chat, screen, incoming } = await openTab({ visitor: signedInAs('maya') });
  await say({ chat }, 'More');
  assert.deepEqual([screen(), incoming], [['Mine', 'Ours', 'More'], []]);
  server.reply('c1', 'News');
  await settle();
  assert.deepEqual(incoming, ['News']);
});

test('forgetting before it is known what there is ends the session all the same', async () => {
  await say(await openTab(), 'Mine');
  const { chat, screen, store } = createTab({ timers, server, area });
  chat.start();
  await chat.forget();
  await settle();
  assert.deepEqual([screen(), store.sessionId(), area.record], [[], '', null]);
  await assert.rejects(server.api.challenge('s1'), { code: 'session_ended' });
});

test('clearing while the session is looked for is not undone', async () => {
  await say(await openTab(), 'Mine');
  const { chat, screen, store } = createTab({ timers, server, area });
  chat.start();
  await chat.clear();
  await settle();
  assert.deepEqual([screen(), store.sessionId(), area.record], [[], '', null]);
});

test('an identity that is refused is left out, and one that is needed is nobody’s fault here', async () => {
  const sent = [];
  let isNeeded = false;
  const api = createApi('https://chat', async (_, { body }) => {
    sent.push(JSON.parse(body).identity);
    const isTaken = !isNeeded && !sent.at(-1);
    const code = sent.at(-1) ? 'identity_expired' : 'identity_invalid';
    const content = isTaken ? { session_id: 's', conversation_id: 'c', token: 't' } : { error: { code, message: '' } };
    return new Response(JSON.stringify(content), { status: isTaken ? 201 : 401 });
  });
  await api.begin({ public_key: {}, identity: 'x' }, 'earlier');
  assert.deepEqual(sent, ['x', undefined]);
  isNeeded = true;
  await assert.rejects(api.begin({ public_key: {}, identity: 'x' }, 'earlier'), { status: 401, code: 'identity_invalid' });
  const { id } = await leaveEarlier();
  server.refuse.start = [new ApiError(401, 'identity_invalid', '')];
  const { store } = await openTab();
  assert.equal(store.earlierSession()?.id, id, 'an identity ends no conversation');
});

test('what the page says of its visitor costs nobody the conversation', async () => {
  const sent = [];
  const api = createApi('https://chat', async (_, { body }) => {
    sent.push(JSON.parse(body));
    const { attributes, identity } = sent.at(-1);
    const field = attributes ? 'attributes' : identity === 'bad' && 'identity';
    const content = field
      ? { error: { code: 'invalid_parameter', message: '', details: { field } } }
      : { session_id: 's', conversation_id: 'c', token: 't' };
    return new Response(JSON.stringify(content), { status: field ? 400 : 201 });
  });
  const customer = { locale: 'en', public_key: { kty: 'EC' } };
  await api.begin({ ...customer, identity: 'x' }, 'earlier', { attributes: { plan: {} } });
  assert.deepEqual([sent.length, sent.at(-1)], [2, { ...customer, identity: 'x' }], 'still the same person');
  await api.begin({ ...customer, identity: 'bad' }, 'earlier', { page: 'https://shop/', attributes: { plan: {} } });
  assert.deepEqual(sent.at(-1), { ...customer, page: 'https://shop/' });
  const said = { page: 'https://shop/', time_zone: 'Europe/Riga' };
  sent.length = 0;
  await api.begin({ ...customer, identity: 'bad' }, 'earlier', said);
  assert.deepEqual([sent.length, sent.at(-1)], [2, { ...customer, ...said }], 'only what is wrong is left out');
});

test('whoever comes next sends nothing for who was there before, though no session was begun', async () => {
  server.refuse.start = [new ApiError(503, 'unavailable', '', 60_000)];
  const maya = await openTab({ visitor: signedInAs('maya') });
  await say(maya, 'Unsent');
  await maya.chat.rename('Maya');
  maya.store.saveDraft('half a secret');
  maya.chat.stop();
  let shown = 0;
  const toms = await openTab({ visitor: signedInAs('tom'), onOwn: () => (shown += 1) });
  await say(toms, 'His');
  assert.deepEqual([toms.screen(), server.texts(), shown], [['His'], [['His']], 1]);
  assert.deepEqual([toms.store.draft(), toms.chat.picture().name, server.starts[0].name], ['', '', undefined]);
  assert.doesNotMatch(stored(), /[Mm]aya|secret|Unsent/);
});

test('whoever comes next sees nothing of a session that has ended', async () => {
  for (const code of ['session_revoked', 'session_ended']) {
    [timers, area] = [createTimers(), createArea()];
    server = createServer(timers);
    const maya = await openTab({ visitor: signedInAs('maya') });
    await say(maya, 'Mine');
    await maya.chat.rename('Maya');
    maya.store.saveDraft('half a secret');
    server.refuse.send = [new ApiError(400, 'invalid_text', '')];
    await say(maya, 'Refused');
    server.end('c1', code);
    maya.chat.refresh();
    await settle();
    maya.chat.stop();
    let who = null;
    const toms = await openTab({ visitor: { ...signedInAs(''), identity: async () => who && signedInAs(who).identity() } });
    assert.deepEqual([toms.screen(), toms.chat.picture().name], [[], ''], 'not before it is known who is there');
    who = 'tom';
    await timers.advance(30_000);
    await say(toms, 'His');
    assert.deepEqual([toms.screen(), server.texts()], [['His'], [['Mine'], ['His']]]);
    assert.deepEqual([toms.store.draft(), toms.chat.picture().name], ['', '']);
  }
});

test('a draft is its writer’s before anything is sent, and a visitor’s own stays', async () => {
  let asked = 0;
  const visitor = { ...signedInAs('maya'), identity: () => ((asked += 1), signedInAs('maya').identity()) };
  const maya = await openTab({ visitor });
  for (const draft of ['half', 'half a secret']) {
    maya.store.saveDraft(draft);
    await maya.chat.claim();
  }
  assert.equal(asked, 1);
  assert.equal((await openTab({ visitor })).store.draft(), 'half a secret');
  const toms = await openTab({ visitor: signedInAs('tom') });
  assert.deepEqual([toms.store.draft(), toms.store.owner()], ['', '']);
  const nobody = await openTab();
  nobody.store.saveDraft('a guest’s');
  await nobody.chat.claim();
  assert.equal((await openTab({ visitor: signedInAs('tom') })).store.draft(), 'a guest’s', 'who signs in goes on writing');
});

test('a page that cannot say for a while who is there delays its visitor’s message, and no more', async () => {
  const answers = [null, null, null];
  const identity = async () => (answers.length ? answers.pop() : signedInAs('maya').identity());
  const maya = await openTab({ visitor: signedInAs('maya') });
  await say(maya, 'One');
  server.refuse.send = [new ApiError(503, 'unavailable', '', 60_000)];
  await say(maya, 'Two');
  maya.chat.stop();
  const { chat, screen } = await openTab({ visitor: { ...signedInAs('maya'), identity } });
  await timers.advance(60_000);
  assert.deepEqual([screen(), server.texts()], [['One', 'Two'], [['One', 'Two']]]);
  assert.equal(chat.picture().unavailable, false);
});

test('an address of the page that the server does not take locks nobody out', async () => {
  const sent = [];
  const api = createApi('https://chat', async (_, { body }) => {
    sent.push(JSON.parse(body));
    const isWrong = 'page' in sent.at(-1);
    const error = { code: 'invalid_parameter', message: '', details: { field: 'page' } };
    return new Response(JSON.stringify(isWrong ? { error } : { token: 't', expires_in: 300 }), { status: isWrong ? 400 : 200 });
  });
  await api.renew('s', 'challenge', 'signature', 'https://shop/');
  assert.deepEqual(sent.at(-1), { challenge: 'challenge', signature: 'signature' });
});

test('forgetting after the visitor has signed out ends the session all the same', async () => {
  for (const isLate of [false, true]) {
    [timers, area] = [createTimers(), createArea()];
    server = createServer(timers);
    await say(await openTab({ visitor: signedInAs('maya') }), 'Mine');
    const { chat, screen } = createTab({ timers, server, area, visitor: signedInAs('') });
    chat.start();
    if (isLate) await settle();
    await chat.forget();
    assert.deepEqual([screen(), area.record], [[], null]);
    await assert.rejects(server.api.challenge('s1'), { code: 'session_ended' });
  }
});

test('who signs in as another person ends no session of who was there before', async () => {
  await say(await openTab({ visitor: signedInAs('maya') }), 'Mine');
  const toms = await openTab({ visitor: signedInAs('tom') });
  await toms.chat.forget();
  assert.ok(await server.api.challenge('s1'));
});

test('who signs in on a page after somebody has signed out ends nothing of theirs', async () => {
  await say(await openTab({ visitor: signedInAs('maya') }), 'Mine');
  let person = '';
  const visitor = { ...signedInAs(''), identity: async () => ({ token: person && `token of ${person}`, person }) };
  const { chat } = await openTab({ visitor });
  person = 'tom';
  await chat.forget();
  assert.ok(await server.api.challenge('s1'));
});

test('forgetting while the page still says who is there leaves no owner behind', async () => {
  let answer;
  const visitor = { ...signedInAs('maya'), identity: () => new Promise((resolve) => (answer = resolve)) };
  const { chat, store } = await openTab({ visitor });
  chat.send('Hello');
  await settle();
  const forgotten = chat.forget();
  answer?.({ token: 'token of maya', person: 'maya' });
  await forgotten;
  await settle();
  assert.deepEqual([store.owner(), [...server.conversations.keys()]], ['', []]);
});

test('marks of one conversation do not count for another', async () => {
  const { id } = await leaveEarlier(['Old', 'Older']);
  for (const name of ['read', 'seen']) area.setItem(`p:${name}`, JSON.stringify({ id, seq: 50 }));
  const { begin } = server.api;
  server.api.begin = (customer) => begin(customer, ''); // a person's open conversation goes before
  const reported = [];
  const { chat, screen } = await openTab({ report: (_, hint) => reported.push(hint) });
  await say({ chat }, 'New');
  server.conversations.get('c2').marks = { delivered_seq: 1, seen_seq: 1 };
  chat.refresh();
  await settle();
  assert.deepEqual([screen(), reported], [['New'], []]);
  assert.deepEqual(chat.picture().segments.at(-1).marks, { delivered: 1, seen: 1 });
});
