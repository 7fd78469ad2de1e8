import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { createApi } from '../src/chat/api.js';
import { ApiError } from '../src/chat/http.js';
import { createGet } from '../src/chat/look_api.js';
import { ownWords } from '../src/chat/own_words.js';
import { directionOf, normaliseLocale } from '../src/languages.js';
import { BUILT_IN } from '../src/locales.js';
import { createTranslate, knownTexts } from '../src/translate.js';
import { createTranslations } from '../src/translations.js';
import { createTimers } from './fakes.js';

const PLURAL_FORM = /_(zero|one|two|few|many|other)$/;
const stemsOf = (texts) => new Set(Object.keys(texts).map((key) => key.replace(PLURAL_FORM, '')));
const variablesOf = (text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
const counted = new Set(
  Object.keys(BUILT_IN.en).filter((key) => PLURAL_FORM.test(key)).map((key) => key.replace(PLURAL_FORM, '')),
);

/** The words that come with the smaller parts, by language. */
const wordsOfParts = async () => {
  const all = {};
  globalThis.addEventListener ??= () => undefined;
  for (const name of ['files', 'menu', 'earlier']) {
    const { default: make } = await import(`../dist/parts/${name}.js`);
    // It learns its words before it needs anything of the engine's.
    const learn = (texts) => Object.entries(texts).forEach(([of, own]) => (all[of] = { ...all[of], ...own }));
    const enough = new Error('enough');
    const addStyles = () => {
      throw enough;
    };
    assert.throws(() => make([])({ learn, addStyles }), enough);
  }
  return all;
};

/** Whether a plural form is said of one number only, so that it may be a word: "two messages". */
const isOneNumber = (locale, form) => {
  const rules = new Intl.PluralRules(locale);
  return Array.from({ length: 1000 }, (_, n) => n).filter((n) => rules.select(n) === form).length === 1;
};

test('a locale is what a browser understands, or English', () => {
  for (const [given, kept] of [
    ['en_us', 'en-US'],
    ['fil-PH', 'fil-PH'],
    ['FIL_ph', 'fil-PH'],
    [' lv ', 'lv'],
    ['x', 'en'],
    ['1234', 'en'],
    ['', 'en'],
    ['лв', 'en'],
    ['nonsense of any length', 'en'],
  ]) {
    assert.equal(normaliseLocale(given), kept, given);
  }
});

test('Filipino does not fall back to Finnish', () => {
  const texts = { fi: { title: 'Tuki' }, default: { title: 'Help' } };
  assert.equal(createTranslate('fil-PH', {}, texts)('title'), 'Help');
  assert.equal(createTranslate('fil-PH', {}, { ...texts, fil: { title: 'Tulong' } })('title'), 'Tulong');
});

test('every file of the catalog is built in', () => {
  const folder = new URL('../../templates_i18n/catalog/widget/', import.meta.url);
  const names = readdirSync(folder).filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -5));
  assert.deepEqual(names.sort(), Object.keys(BUILT_IN).sort());
});

for (const [locale, texts] of Object.entries(BUILT_IN)) {
  test(`${locale} is the same in the file that the build makes of it`, async () => {
    const { default: built } = await import(`../dist/parts/${locale}.js`);
    assert.deepEqual({ ...built, ...(await wordsOfParts())[locale] }, { ...texts });
  });

  test(`${locale} says everything, in each plural form of the language`, () => {
    assert.deepEqual([...stemsOf(texts)].sort(), [...stemsOf(BUILT_IN.en)].sort());
    const forms = new Intl.PluralRules(locale).resolvedOptions().pluralCategories;
    for (const stem of counted) {
      const present = Object.keys(texts).filter((key) => key.startsWith(`${stem}_`));
      assert.deepEqual(present.sort(), forms.map((form) => `${stem}_${form}`).sort());
    }
  });

  test(`${locale} fills in the same words as English`, () => {
    for (const [key, text] of Object.entries(texts)) {
      assert.ok(text && text === text.trim(), key);
      const form = PLURAL_FORM.exec(key)?.[1];
      const english = BUILT_IN.en[form ? key.replace(PLURAL_FORM, '_other') : key];
      if (form && !variablesOf(text).length && isOneNumber(locale, form)) continue;
      assert.deepEqual(variablesOf(text), variablesOf(english), key);
    }
  });
}

test('numbers take the form that the language has for them', () => {
  const left = (locale, count) => createTranslate(locale, {}, {})('charactersLeft', { count });
  assert.deepEqual([1, 2, 5, 21].map((n) => left('ru', n)), [
    'Остался 1 символ', 'Осталось 2 символа', 'Осталось 5 символов', 'Остался 21 символ',
  ]);
  assert.deepEqual([1, 2, 10, 11].map((n) => left('lv', n)), [
    'Vēl 1 rakstzīme', 'Vēl 2 rakstzīmes', 'Vēl 10 rakstzīmju', 'Vēl 11 rakstzīmju',
  ]);
  assert.deepEqual([2, 3, 11, 100].map((n) => left('ar', n)), ['بقي حرفان', 'بقيت 3 أحرف', 'بقي 11 حرفًا', 'بقي 100 حرف']);
  assert.equal(left('ar-EG', 3), 'بقيت ٣ أحرف');
  assert.equal(left('xx', 2), '2 characters left');
});

test('a name that runs against its sentence is kept apart from it', () => {
  const joined = (locale, agent) => createTranslate(locale, {}, {})('joined', { agent });
  assert.equal(joined('ar', 'Ana'), 'انضم \u2068Ana\u2069 إلى المحادثة');
  assert.equal(joined('ar', 'ليلى'), 'انضم ليلى إلى المحادثة');
  assert.equal(joined('en', 'ليلى'), '\u2068ليلى\u2069 joined');
  assert.equal(joined('en', 'Ana'), 'Ana joined');
  assert.deepEqual(['ar', 'ar-EG', 'ru', 'lv'].map(directionOf), ['rtl', 'rtl', 'ltr', 'ltr']);
});

test("a tenant's words stand between the page's and the built-in ones", () => {
  const entries = { title: 'tenant', send: 'tenant', sent: 'tenant' };
  const t = createTranslate('lv-LV', { send: 'page' }, { lv: { sent: 'page, lv' } }, entries);
  assert.deepEqual(['title', 'send', 'sent', 'retry'].map((key) => t(key)), [
    'tenant', 'page', 'page, lv', BUILT_IN.lv.retry,
  ]);
});

test("a tenant's plural forms are not mixed with the built-in ones", () => {
  const left = (strings, count) =>
    createTranslate('en', strings, {}, { charactersLeft_other: 'max {count}' })('charactersLeft', { count });
  assert.deepEqual([left({}, 1), left({}, 2)], ['max 1', 'max 2']);
  assert.equal(left({ charactersLeft_one: 'just one' }, 1), 'just one');
});

test('only texts that the widget has a place for are taken', () => {
  const entries = {
    title: 'Help', charactersLeft_few: 'f', charactersLeft: 'any', title_few: 'no', send: '', sent: 7,
    waiting_for_agent: 'no', toString: 'no', __proto__: { sent: 'no' },
  };
  assert.deepEqual(knownTexts(entries), { title: 'Help', charactersLeft_few: 'f', charactersLeft: 'any' });
  for (const nonsense of [null, undefined, 'x', 7, []]) assert.deepEqual(knownTexts(nonsense), {});
});

test("a tenant's words are fetched once, and a failure is asked about again only after a while", async () => {
  const timers = createTimers();
  const asked = [];
  const loaded = [];
  let answer = async () => {
    throw new ApiError(404, 'tenant_not_found', '');
  };
  const translations = createTranslations({
    load: (locale) => (asked.push(locale), answer()),
    elapsed: timers.elapsed,
    onLoaded: (locale) => loaded.push(locale),
  });
  await translations.want('ru');
  await translations.want('ru');
  assert.deepEqual([asked, loaded, translations.entries('ru')], [['ru'], [], {}]);
  await timers.advance(60_000);
  answer = async () => ({ title: 'Помощь', nonsense: 'x' });
  await translations.want('ru');
  await timers.advance(3_600_000);
  await translations.want('ru');
  assert.deepEqual([asked, loaded, knownTexts(translations.entries('ru'), 'ru')], [['ru', 'ru'], ['ru'], { title: 'Помощь' }]);
});

test('every call names the tenant, by its slug or else its key', async () => {
  const calls = [];
  const addresses = [];
  const answers = async (url, { method = 'GET', headers = {}, cache = 'default' }) => {
    addresses.push(url);
    const path = url.replace('https://chat.example', '').replace(/\?_=\w+&?/, '?');
    calls.push([method, path, headers.Authorization ?? '', cache]);
    return new Response(JSON.stringify({ conversation_id: 'c', token: 't', messages: [], entries: { title: 'x' } }));
  };
  /** All calls for a tenant. */
  const callsOf = (...whose) => ({
    ...createApi('https://chat.example', answers, ...whose),
    translations: (locale) => ownWords(createGet('https://chat.example', answers), whose[0] ?? {}, locale),
  });
  const own = callsOf({ tenant: 'acme', key: '' });
  await own.start({});
  await own.history('c', 't', 0);
  await own.history('c', 't', 7);
  await own.history('c', 't', 7);
  assert.equal(new Set(addresses).size, addresses.length, 'a cache could answer for the server');
  assert.deepEqual(await own.translations('pt-BR'), { title: 'x' });
  const keyed = callsOf({ tenant: '', key: 'chat_pub_1' });
  await keyed.setLocale('c', 't', 'lv');
  await keyed.translations('lv');
  const standard = callsOf();
  await standard.start({});
  await standard.translations('lv');
  assert.deepEqual(calls, [
    ['POST', '/v1/conversations/start?t=acme', '', 'no-store'],
    ['GET', '/v1/conversations/c/messages?t=acme', 'Bearer t', 'no-store'],
    ['GET', '/v1/conversations/c/messages?after=7&t=acme', 'Bearer t', 'no-store'],
    ['GET', '/v1/conversations/c/messages?after=7&t=acme', 'Bearer t', 'no-store'],
    ['GET', '/v1/i18n/acme/pt-BR?t=acme', '', 'default'],
    ['PATCH', '/v1/conversations/c/locale?k=chat_pub_1', 'Bearer t', 'no-store'],
    ['GET', '/v1/i18n/chat_pub_1/lv?k=chat_pub_1', '', 'default'],
    ['POST', '/v1/conversations/start', '', 'no-store'],
    ['GET', '/v1/i18n/default/lv', '', 'default'],
  ]);
});
