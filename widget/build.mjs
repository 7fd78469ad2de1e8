/**
 * Builds dist: the loader, which pages embed, and its parts: the engine, one file a language, and
 * what shows and sends files, which the engine fetches where it is needed.
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
const LOADER_BUDGET = 10.5 * 1024;
const TOTAL_BUDGET = 37 * 1024;
/** The part for files, with its words in all languages. */
const FILES_BUDGET = 9 * 1024;
/** What the loader says before it has a whole language. */
const FIRST_WORDS = ['launcherOpen', 'loadFailedTitle', 'loadRetry'];
/** What only the part for files says. @param {string} key */
const isOfFiles = (key) => /^file[A-Z]/.test(key);

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
 * @param {(key: string) => boolean} isWanted
 */
const fewWords = (isWanted) => ({
  name: 'few words',
  setup: ({ onLoad }) =>
    onLoad({ filter: /catalog[\\/]widget[\\/]\w+\.json$/ }, async ({ path }) => {
      const texts = JSON.parse(await readFile(path, 'utf8'));
      return { contents: JSON.stringify(wordsOf(texts, isWanted)), loader: 'json' };
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

/** Replaces the loader's modules in the engine by what the loader hands it. @param {Set<string>} modules their paths */
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
  bundle({ entryPoints: ['src/index.js'], plugins: [styles, fewWords((key) => FIRST_WORDS.includes(key)), written(contents)] });

/**
 * The part for files as a module, whose default export takes what the engine hands it.
 */
async function bundleFiles() {
  const contents = "import { createFiles } from './src/files/part.js'; result = createFiles;";
  const stdin = { contents, resolveDir: here('.') };
  const { code } = await bundle({ stdin, plugins: [styles, fewWords(isOfFiles)] });
  return `export default (deps) => { let result; ${code} return result(deps); };`;
}

/**
 * The engine as a module, whose default export takes what it borrows from the loader.
 * @param {Set<string>} modules of the loader
 * @param {string} files the hash of the part for files
 */
async function bundleEngine(modules, files) {
  const contents = "import { createEngine } from './src/engine.js'; result = createEngine;";
  const stdin = { contents, resolveDir: here('.') };
  const ofBuild = written({ 'built:files': `export const FILES = '${files}';` });
  const { code } = await bundle({ stdin, plugins: [styles, borrowed(modules), ofBuild] });
  /** @type {[string, string][]} */
  const loans = [];
  const body = code.replace(/borrow\("(.+?)", ?"(\w+)"\)/g, (_, module, name) => `loan[${loans.push([module, name]) - 1}]`);
  return { code: `export default (loan) => { let result; ${body} return result; };`, loans };
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
  part: { hoist_funs: true, sequences: false },
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

/** The loader's module that hands out what the engine borrows. @param {[string, string][]} loans */
const lending = (loans) =>
  [
    ...loans.map(([module, name], at) => `import { ${name} as loan${at} } from './${module}';`),
    `export const shared = [${loans.map((_, at) => `loan${at}`)}];`,
  ].join('\n');

const nothing = { 'built:parts': 'export const PARTS = {};', 'built:shared': 'export const shared = [];' };
const { code: draft, modules } = await bundleLoader(nothing);
const sha256 = (content) => createHash('sha256').update(content).digest('base64');
const filesCode = await bundleFiles();
const names = shortNames([(await bundleEngine(modules, '')).code, draft, filesCode]);
const files = await smaller(filesCode, {}, true);
const { code, loans } = await bundleEngine(modules, sha256(files));
/** @type {Map<string, Buffer>} */
const parts = new Map([['engine', await smaller(code, {}, true)]]);
for (const language of languages) {
  const texts = wordsOf(await catalog(language), (key) => !isOfFiles(key));
  const { code: module } = await transform(`export default ${JSON.stringify(texts)}`, { minify: true, charset: 'utf8' });
  parts.set(language, Buffer.from(module));
}
const hashes = Object.fromEntries([...parts].map(([name, content]) => [name, sha256(content)]));
parts.set('files', files); // the engine has its hash, and with the engine's the loader has both
const loader = await bundleLoader({
  'built:parts': `export const PARTS = ${JSON.stringify(hashes)};`,
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
const filesBytes = weigh(files);
const figures = [
  `loader ${loaderBytes} bytes gzipped of ${LOADER_BUDGET} allowed, engine ${engineBytes}, files ${filesBytes} of ${FILES_BUDGET}.`,
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
