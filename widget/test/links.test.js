import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitLinks } from '../src/texts/links.js';

/** In each text the links in angle brackets, which are no part of it. */
const TABLE = [
  // Where a sentence ends, in the scripts of the world
  '请看 ⟨https://shop.example/a⟩。谢谢',
  '请看⟨https://shop.example/a⟩，谢谢',
  '请看⟨https://shop.example⟩谢谢',
  '（⟨https://shop.example/a⟩）',
  '「⟨https://shop.example/a⟩」と『⟨https://shop.example/b⟩』',
  '【⟨https://shop.example/a⟩】、⟨https://shop.example/b⟩；⟨https://shop.example/c⟩：⟨https://shop.example/d⟩！',
  '⟨https://shop.example/a⟩？ 《⟨https://shop.example/b⟩》',
  'انظر ⟨https://shop.example/a⟩، ثم ⟨https://shop.example/b⟩؛ أو ⟨https://shop.example/c⟩؟',
  'دیکھیں ⟨https://shop.example/a⟩۔',
  'देखिए ⟨https://shop.example/a⟩। ⟨https://shop.example/b⟩॥',
  'տեսեք ⟨https://shop.example/a⟩։',
  'មើល ⟨https://shop.example/a⟩។',
  'ကြည့်ပါ ⟨https://shop.example/a⟩။',
  'ይመልከቱ ⟨https://shop.example/a⟩።',
  'ראו ⟨https://shop.example/a⟩׃',
  'See ⟨https://shop.example/a⟩. And ⟨https://shop.example/b⟩, ⟨https://shop.example/c⟩; ⟨https://shop.example/d⟩: ⟨https://shop.example/e⟩! ⟨https://shop.example/f⟩?',
  'Really ⟨https://shop.example/a⟩?! Well ⟨https://shop.example/b⟩... ⟨https://shop.example/c⟩…',
  // Quotes and brackets
  '“⟨https://shop.example/a⟩” „⟨https://shop.example/b⟩“ «⟨https://shop.example/c⟩» ‹⟨https://shop.example/d⟩› ‘⟨https://shop.example/e⟩’',
  '"⟨https://shop.example/a⟩" \'⟨https://shop.example/b⟩\' <⟨https://shop.example/c⟩> `⟨https://shop.example/d⟩`',
  '(see ⟨https://shop.example/a⟩) [⟨https://shop.example/b⟩] {⟨https://shop.example/c⟩}',
  '[the mug](⟨https://shop.example/a⟩) **⟨https://shop.example/b⟩** |⟨https://shop.example/c⟩|',
  '⟨https://en.wikipedia.org/wiki/Mug_(disambiguation)⟩, (⟨https://en.wikipedia.org/wiki/Mug_(cup)⟩)',
  '<a href="⟨https://shop.example/a⟩">x</a>',
  // What belongs to an address
  "⟨https://shop.example/children's/mugs⟩",
  "⟨https://en.wikipedia.org/wiki/Schindler's_List⟩ and ⟨https://en.wikipedia.org/wiki/Levi's⟩",
  '⟨https://shop.example/a?b=c&d=1,2;3#top/x!y⟩',
  '⟨https://shop.example/~ana/@mugs/$1/*/+x:y|z⟩',
  '⟨https://ja.wikipedia.org/wiki/東京⟩。',
  '⟨https://ja.wikipedia.org/wiki/レオナルド・ダ・ヴィンチ⟩を見て'.replace('⟩を見て', 'を見て⟩'),
  '⟨https://ru.wikipedia.org/wiki/Кружка⟩.',
  '⟨https://fa.wikipedia.org/wiki/می‌خواهم⟩،',
  '⟨https://hi.wikipedia.org/wiki/हिन्दी⟩।',
  '⟨https://en.wikipedia.org/wiki/Michelson–Morley_experiment⟩ – yes',
  '⟨https://ca.wikipedia.org/wiki/Il·lusió⟩',
  '⟨https://shop.example/a%20b/%E6%9D%B1⟩',
  '⟨HTTPS://Shop.Example/A⟩',
  '⟨http://localhost:8000/x⟩ ⟨http://127.0.0.1:8000⟩ ⟨http://[::1]:8000/⟩',
  '⟨https://shop.example:8443/a⟩ ⟨https://shop.example?x⟩ ⟨https://shop.example#x⟩ ⟨https://shop.example/⟩',
  '⟨https://müller.example/x⟩ ⟨https://пример.рф/путь⟩ ⟨https://例子.中国/⟩ ⟨https://xn--fsq.xn--fiqs8s⟩ ⟨https://مثال.إختبار/⟩',
  '⟨www.shop.example⟩, ⟨www.shop.example/a⟩。 请看⟨www.shop.example⟩',
  'one ⟨https://a.example/1⟩\n⟨https://a.example/2⟩\t⟨https://a.example/3⟩',
  '\u2068⟨https://a.example/1⟩\u2069 \u200f⟨https://a.example/2⟩\u200f',
  '⟨https://a.example/x⟩😀',
  // Mail
  'Write to ⟨help@shop.example⟩. Or <⟨Ana.B-c+d@mail.shop.example⟩>, (⟨a@b.example⟩)',
  '联系⟨help@shop.example⟩。谢谢 ⟨info@müller.example⟩ ⟨help@shop.example⟩谢谢',
  "⟨o'neil@shop.example⟩ mailto:⟨a@b.example⟩ ⟨a_b@c.example⟩; ⟨c@d.example⟩/e",
  'راسلنا ⟨help@shop.example⟩؟',
  // Telephone
  'Call ⟨+371 20 000 000⟩. Or ⟨+37120000000⟩, ⟨+1 (555) 010-9999⟩ ⟨+49 (0)89 123456⟩ ⟨+44 20 7946 0958⟩!',
  '⟨+1-202-555-0143⟩ tel:⟨+33.1.23.45.67.89⟩ اتصل ⟨+371 2000 0000⟩ غدًا 电话⟨+86 10 6552 9988⟩。',
  // What is none
  'javascript:alert(1) data:text/html,x file:///etc/passwd ftp://x.example vbscript:x http:// https://x http://-.example',
  'node.js shop.example e.g. end.Next file.txt 1.2.3.4 v2.0.1 a.b',
  'https://shop.example@evil.example/ https://user:pass@evil.example/',
  'ñandu@shop.example git@host.example:org/mug.git a@b @handle a@1.2.3.4 x@y@z.example @shop.example',
  'Order 20240117-000123, IBAN LV80BANK0000435195001, 12.01.2024, 2024-01-17T10:00:00+02:00, 10:00, 20 000 000',
  '+20% +3.5 +100 +1 000 000 +10.000 1+37120000000 +371200000001234567890 +20 000 000 € ++37120000000 a+37120000000 0037120000000',
  'xhttps://shop.example x.www.shop.example wwww.shop.example www. www.x',
];

const HREFS = [
  ['www.shop.example/a', 'https://www.shop.example/a'],
  ['help@shop.example', 'mailto:help@shop.example'],
  ['+49 (0)89 123456', 'tel:+4989123456'],
  ['+1 (555) 010-9999', 'tel:+15550109999'],
  ['https://ja.wikipedia.org/wiki/東京', 'https://ja.wikipedia.org/wiki/東京'],
  ['www.shop.example/?to=a@b.example', 'https://www.shop.example/?to=a@b.example'],
];

for (const marked of TABLE) {
  test(`links of ${marked.slice(0, 60).replace(/\s/g, ' ')}`, () => {
    const text = marked.replace(/[⟨⟩]/g, '');
    const pieces = splitLinks(text);
    assert.equal(pieces.map((piece) => (piece.href ? `⟨${piece.text}⟩` : piece.text)).join(''), marked);
    for (const { href } of pieces) assert.match(href, /^($|https?:\/\/|mailto:|tel:\+\d+$)/i);
  });
}

test('where links lead', () => {
  for (const [text, href] of HREFS) assert.deepEqual(splitLinks(text), [{ text, href }]);
});

test('a long text is read in one go', () => {
  for (const part of ['a.', 'a@', '+1', 'https://', '((', "'", '-', 'www.a.', '+2-', 'é']) {
    const text = part.repeat(4000 / part.length);
    assert.equal(splitLinks(text).map((piece) => piece.text).join(''), text);
  }
});
