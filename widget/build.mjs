/**
 * Builds dist: the loader, which pages embed, and its parts: the engine, one file a language, and
 * what few pages or visitors need, which the loader or the engine fetches then.
 * The same sources give the same bytes, so that `--check` can tell whether what is committed was
 * built from them, and whether it is small enough.
 */
import { build, transform } from 'esbuild';
import { minify } from 'terser';
import { createHash } from 'node:crypto';
import { readFile, readdir, writeFile, mkdir } from 'node:fs/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { INTERNAL_NAMES } from './internal_names.mjs';

/** Bytes in gzip: before the first click, and with the engine and one language. */
const LOADER_BUDGET = 8 * 1024;
const TOTAL_BUDGET = 32 * 1024;
/** The part for files, with its words in all languages. */
const FILES_BUDGET = 9 * 1024;
/**
 * What the loader says before it has a whole language: the button's name; and that the chat did not come, in
 * English, since the tenant's settings bring those words in the visitor's language.
 */
const FIRST_WORDS = ['launcherOpen'];
const FIRST_WORDS_IN_ENGLISH = [...FIRST_WORDS, 'loadFailedTitle', 'loadRetry'];
/**
 * The smaller parts: who fetches them, what they export, and the words that only they say.
 * @type {Record<string, {of: 'loader' | 'engine', entry: string, make: string, words?: RegExp}>}
 */
const SMALL_PARTS = {
  look: { of: 'loader', entry: 'src/look/part.js', make: 'createLook' },
  routes: { of: 'loader', entry: 'src/routes.js', make: 'createRoutes' },
  earlier: { of: 'engine', entry: 'src/earlier/part.js', make: 'createEarlier', words: /^earlier/ },
  first: { of: 'engine', entry: 'src/first/takeover.js', make: 'takeOver' },
  json: { of: 'engine', entry: 'src/json/part.js', make: 'json' },
  menu: { of: 'engine', entry: 'src/menu/part.js', make: 'createSettings', words: /^(sound|vibration|name|clear)|^earlierTitle$/ },
  sound: { of: 'engine', entry: 'src/sound.js', make: 'createSound' },
  strings: { of: 'engine', entry: 'src/compat/strings.js', make: 'pageTexts' },
  texts: { of: 'engine', entry: 'src/texts/part.js', make: 'splitWords' },
  files: { of: 'engine', entry: 'src/files/part.js', make: 'createFiles', words: /^file[A-Z]/ },
};
const isOfPart = (key) => Object.values(SMALL_PARTS).some(({ words }) => words?.test(key));

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { version } = JSON.parse(await readFile(here('package.json'), 'utf8'));
const BANNER = `/*! Chatorical widget ${version} | MIT */`;
const CATALOG = here('../templates_i18n/catalog/widget/');
const catalog = async (language) => JSON.parse(await readFile(`${CATALOG}${language}.json`, 'utf8'));
const languages = (await readdir(CATALOG)).map((name) => name.replace(/\.json$/, '')).sort();

/** esbuild takes a style sheet as text only as it is; this makes it small first. */
const styles = {
  name: 'styles',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, 'utf8'), { loader: 'css', minify: true });
      return { contents: code.trim(), loader: 'text' };
    }),
};

/** @param {Record<string, string>} texts @param {(key: string) => boolean} isWanted */
const wordsOf = (texts, isWanted) => Object.fromEntries(Object.entries(texts).filter(([key]) => isWanted(key)));

/**
 * Of each language a few words. The sources import all of them, so that tests need no build.
 * @param {(key: string, language: string) => boolean} isWanted
 */
const fewWords = (isWanted) => ({
  name: 'few words',
  setup: ({ onLoad }) =>
    onLoad({ filter: /catalog[\\/]widget[\\/]\w+\.json$/ }, async ({ path }) => {
      const texts = JSON.parse(await readFile(path, 'utf8'));
      const language = path.slice(-7, -5);
      return { contents: JSON.stringify(wordsOf(texts, (key) => isWanted(key, language))), loader: 'json' };
    }),
});

/** Modules that the build writes itself. @param {Record<string, string>} contents by name */
const written = (contents) => ({
  name: 'written',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^built:/ }, ({ path }) => ({ path, namespace: 'built' }));
    onLoad({ filter: /./, namespace: 'built' }, ({ path }) => ({ contents: contents[path], resolveDir: here('.') }));
  },
});

/**
 * Replaces modules that are there already by what a part is handed of them. Words are never borrowed: a
 * part has its own.
 * @param {Set<string>} modules their paths
 */
const borrowed = (modules) => ({
  name: 'borrowed',
  setup({ onLoad }) {
    onLoad({ filter: /\.js$/ }, async ({ path }) => {
      const module = relative(here('.'), path);
      if (!modules.has(module)) return undefined;
      const names = [...(await readFile(path, 'utf8')).matchAll(/^export (?:async )?(?:const|function|class) (\w+)/gm)];
      const lines = names.map(([, name]) => `export const ${name} = /* @__PURE__ */ borrow('${module}', '${name}');`);
      return { contents: lines.join('\n') };
    });
  },
});

/** @param {object} options @returns {Promise<{code: string, modules: Set<string>}>} */
async function bundle(options) {
  const { outputFiles, metafile } = await build({
    absWorkingDir: here('.'),
    bundle: true,
    format: 'iife',
    target: 'es2021',
    legalComments: 'none',
    minify: true,
    metafile: true,
    write: false,
    ...options,
  });
  return { code: outputFiles[0].text, modules: new Set(Object.keys(metafile.inputs)) };
}

/** @param {Record<string, string>} contents of the written modules */
const bundleLoader = (contents) =>
  bundle({ entryPoints: ['src/index.js'], plugins: [styles, fewWords((key, language) => (language === 'en' ? FIRST_WORDS_IN_ENGLISH : FIRST_WORDS).includes(key)), written(contents)] });

/**
 * A part as a module, whose default export takes what it borrows, and answers with what it makes.
 * @param {{entry: string, make: string, words?: RegExp}} part
 * @param {Set<string>} modules to borrow from
 * @param {[string, string][]} loans of what is borrowed by all parts; it grows
 * @param {Record<string, string>} [contents] of the written modules
 */
async function bundlePart({ entry, make, words }, modules, loans, contents = {}) {
  const stdin = { contents: `import { ${make} } from './${entry}'; result = ${make};`, resolveDir: here('.') };
  const own = new Set([...modules].filter((module) => !(words && module === 'src/locales.js')));
  const plugins = [styles, borrowed(own), ...(words ? [fewWords((key) => words.test(key))] : []), written(contents)];
  const made = await bundle({ stdin, plugins });
  const body = made.code.replace(/borrow\("(.+?)", ?"(\w+)"\)/g, (_, module, name) => {
    const known = loans.findIndex((loan) => loan[0] === module && loan[1] === name);
    return `loan[${known < 0 ? loans.push([module, name]) - 1 : known}]`;
  });
  return { code: `export default (loan) => { let result; ${body} return result; };`, modules: made.modules };
}

/**
 * Short names for properties of our own objects, the same in the loader and in the engine. None is a
 * property in either as it is, so that two never meet in one object.
 * @param {string[]} codes where they are used
 */
function shortNames(codes) {
  const code = codes.join('\n');
  const taken = new Set(Array.from(code.matchAll(/(?:[.{,]|\?\.)\s*(\w{1,2})\b/g), ([, name]) => name));
  const letters = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  const free = [...letters, ...letters.flatMap((first) => letters.map((second) => first + second))].filter(
    (name) => !taken.has(name),
  );
  const uses = (name) => code.split(name).length;
  const byUse = INTERNAL_NAMES.toSorted((one, other) => uses(other) - uses(one));
  return Object.fromEntries(byUse.map((name, at) => [`$${name}`, free[at]]));
}

/** Found by weighing: what is short for terser is not always what gzip packs best. */
const PACKING = {
  loader: { booleans: false },
  part: { hoist_funs: true, reduce_funcs: false, sequences: false },
};

/** @param {string} code @param {object} format of terser's */
async function smaller(code, format, module = false) {
  const { code: result } = await minify(code, {
    ecma: 2020,
    module,
    // Nothing here is made with `new` but classes, so that every function may be an arrow.
    compress: { passes: 5, ecma: 2020, unsafe_arrows: true, ...PACKING[module ? 'part' : 'loader'] },
    mangle: { properties: { regex: new RegExp(`^(${INTERNAL_NAMES.join('|')})$`) } },
    nameCache: { props: { props: { ...names } } },
    format: { comments: false, ...format },
  });
  return Buffer.from(`${result}\n`);
}

/** The module that hands out what parts borrow. @param {[string, string][]} loans */
const lending = (loans) =>
  [
    ...loans.map(([module, name], at) => `import { ${name} as loan${at} } from './${module}';`),
    `export const shared = [${loans.map((_, at) => `loan${at}`)}];`,
  ].join('\n');

const sha256 = (content) => createHash('sha256').update(content).digest('base64');
/** @param {'loader' | 'engine'} of */
const partsOf = (of) => Object.entries(SMALL_PARTS).filter(([, part]) => part.of === of);
const ENGINE = { entry: 'src/engine.js', make: 'engine' };
const nothing = {
  'built:parts': 'export const PARTS = {};',
  'built:shared': 'export const shared = [];',
  'built:smaller': 'export const SMALLER = {}, WORDS = {};',
  'built:lent': 'export const shared = [];',
};

const draft = await bundleLoader(nothing);
/** @type {[string, string][]} */
const loans = [];
/** @type {[string, string][]} */
const lent = [];
const engineDraft = await bundlePart(ENGINE, draft.modules, [], nothing);
const both = new Set([...draft.modules, ...engineDraft.modules]);
/** @type {Map<string, string>} */
const codes = new Map();
for (const [name, part] of partsOf('engine')) codes.set(name, (await bundlePart(part, both, lent)).code);
for (const [name, part] of partsOf('loader')) codes.set(name, (await bundlePart(part, draft.modules, loans)).code);
const names = shortNames([draft.code, engineDraft.code, ...codes.values()]);

/** @type {Map<string, Buffer>} */
const parts = new Map();
for (const [name, code] of codes) parts.set(name, await smaller(code, {}, true));
/** @param {[string, unknown][]} named */
const hashes = (named) => JSON.stringify(Object.fromEntries(named.map(([name]) => [name, sha256(parts.get(name))])));
for (const language of languages) {
  const texts = wordsOf(await catalog(language), (key) => !isOfPart(key));
  const { code: module } = await transform(`export default ${JSON.stringify(texts)}`, { minify: true, charset: 'utf8' });
  parts.set(language, Buffer.from(module));
}
const engine = await bundlePart(ENGINE, draft.modules, loans, {
  'built:smaller': `export const SMALLER = ${hashes(partsOf('engine'))}, WORDS = ${hashes(languages.map((each) => [each]))};`,
  'built:lent': lending(lent),
});
parts.set('engine', await smaller(engine.code, {}, true));
const loader = await bundleLoader({
  'built:parts': `export const PARTS = ${hashes([['engine'], ...partsOf('loader')])};`,
  'built:shared': lending(loans),
});
const outputs = new Map([
  // ASCII: right even where a server forgets to name the encoding. The parts are modules, always UTF-8.
  ['dist/widget.min.js', await smaller(loader.code, { ascii_only: true, preamble: BANNER })],
  ...[...parts].map(([name, content]) => /** @type {const} */ ([`dist/parts/${name}.js`, content])),
]);

const weigh = (content) => gzipSync(content, { level: 9 }).length;
const loaderBytes = weigh(outputs.get('dist/widget.min.js'));
const engineBytes = weigh(parts.get('engine'));
const totals = languages.map((language) => [language, loaderBytes + engineBytes + weigh(parts.get(language))]);
const filesBytes = weigh(parts.get('files'));
const others = Object.keys(SMALL_PARTS).map((name) => `${name} ${weigh(parts.get(name))}`);
const figures = [
  `loader ${loaderBytes} bytes gzipped of ${LOADER_BUDGET} allowed, engine ${engineBytes}, files of ${FILES_BUDGET}; on need: ${others.join(', ')}.`,
  `With one language, of ${TOTAL_BUDGET} allowed: ${totals.map((pair) => pair.join(' ')).join(', ')}.`,
];
const problems = [];
if (loaderBytes > LOADER_BUDGET) problems.push('The loader is over its budget.');
if (filesBytes > FILES_BUDGET) problems.push('The part for files is over its budget.');
if (totals.some(([, bytes]) => bytes > TOTAL_BUDGET)) problems.push('Loader, engine and a language are over their budget.');
for (const [path, content] of outputs) {
  if (process.argv.includes('--check')) {
    const committed = await readFile(here(path)).catch(() => null);
    if (!committed?.equals(content)) {
      problems.push(`${path} was not built from these sources. Run "npm run build" and commit it.`);
    }
  } else {
    await mkdir(here('dist/parts/'), { recursive: true });
    await writeFile(here(path), content);
  }
}
for (const figure of figures) process.stdout.write(`widget: ${figure}\n`);
for (const problem of problems) process.stderr.write(`widget: ${problem}\n`);
process.exitCode = problems.length ? 1 : 0;
