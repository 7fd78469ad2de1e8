/**
 * Builds dist/widget.js and dist/widget.min.js. The same sources give the same bytes, so that
 * `--check` can tell whether what is committed was built from them, and whether it is small enough.
 */
import { build, transform } from 'esbuild';
import { minify } from 'terser';
import { readFile, writeFile, mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { pack, shiftOf, stemsOf } from './pack.mjs';

const BUDGET_BYTES = 36 * 1024; // eight languages are eight kilobytes of it
const here = (path) => new URL(path, import.meta.url);
const { version } = JSON.parse(await readFile(here('package.json'), 'utf8'));
const BANNER = `/*! Chatorical widget ${version} | MIT */`;

/** esbuild takes a style sheet as text only as it is; this makes it small first. */
const styles = {
  name: 'styles',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, 'utf8'), { loader: 'css', minify: true });
      return { contents: code.trim(), loader: 'text' };
    }),
};

/** The catalogs, packed. The sources import them as they are, so that tests need no build. */
const languages = {
  name: 'languages',
  setup({ onLoad, onResolve }) {
    const read = async (path) => JSON.parse(await readFile(path, 'utf8'));
    const catalog = (name) => here(`../templates_i18n/catalog/widget/${name}.json`);
    onLoad({ filter: /catalog[\\/]widget[\\/]\w+\.json$/ }, async ({ path }) => {
      const texts = await read(path);
      const by = shiftOf(Object.values(texts).join(''));
      const packed = pack(stemsOf(await read(catalog('en'))), texts, by);
      const contents = `import { unpack } from 'src/unpack.js'; import { stems } from 'stems';
        export default unpack(stems, ${JSON.stringify(packed)}, ${by});`;
      return { contents, loader: 'js' };
    });
    onResolve({ filter: /^src\/unpack\.js$/ }, ({ path }) => ({ path: fileURLToPath(here(path)) }));
    onResolve({ filter: /^stems$/ }, () => ({ path: 'stems', namespace: 'languages' }));
    onLoad({ filter: /^stems$/, namespace: 'languages' }, async () => ({
      contents: `export const stems = ${JSON.stringify(stemsOf(await read(catalog('en'))).join(' '))}.split(' ');`,
    }));
  },
};

async function bundle(small) {
  const { outputFiles } = await build({
    absWorkingDir: new URL('.', import.meta.url).pathname,
    entryPoints: ['src/index.js'],
    bundle: true,
    format: 'iife',
    target: 'es2020',
    charset: 'ascii', // right even where a server forgets to name the encoding
    banner: { js: BANNER },
    legalComments: 'none',
    minify: small,
    plugins: [styles, languages],
    write: false,
  });
  const text = outputFiles[0].text;
  return Buffer.from(small ? await smaller(text) : text);
}

/** What esbuild leaves: 5 % of the gzipped size. @param {string} code */
async function smaller(code) {
  const options = {
    ecma: 2020,
    compress: { passes: 3 },
    format: { ascii_only: true, comments: false, preamble: BANNER },
  };
  const { code: result } = await minify(code, options);
  return `${result}\n`;
}

const outputs = new Map([
  ['dist/widget.js', await bundle(false)],
  ['dist/widget.min.js', await bundle(true)],
]);
const problems = [];
const gzipped = gzipSync(outputs.get('dist/widget.min.js'), { level: 9 }).length;
if (gzipped > BUDGET_BYTES) {
  problems.push(`dist/widget.min.js is ${gzipped} bytes gzipped, over its budget of ${BUDGET_BYTES}.`);
}
for (const [path, content] of outputs) {
  if (process.argv.includes('--check')) {
    const committed = await readFile(here(path)).catch(() => null);
    if (!committed?.equals(content)) {
      problems.push(`${path} was not built from these sources. Run "npm run build" and commit it.`);
    }
  } else {
    await mkdir(here('dist/'), { recursive: true });
    await writeFile(here(path), content);
  }
}
for (const problem of problems) process.stderr.write(`widget: ${problem}\n`);
if (!problems.length) {
  process.stdout.write(`widget: ${gzipped} bytes gzipped of ${BUDGET_BYTES} allowed.\n`);
}
process.exitCode = problems.length ? 1 : 0;
