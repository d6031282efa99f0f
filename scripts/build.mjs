// Builds the package: compiles the sources once and bundles the result into dist/, as ES modules (.js), as CommonJS
// (.cjs) and as types for both. docs/decisions/0010-a-bundled-package.md explains why.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { lstat, mkdir, mkdtemp, readFile, readlink, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import { minify } from 'terser';
import { cacheBuild, hashOfInputs, restoreBuild } from './build-cache.mjs';
import { bundleCommand } from './bundle-command.mjs';
import { bundlePage } from './bundle-page.mjs';
import { bundleThreads } from './bundle-thread.mjs';
import { nodeEntry } from './node-entry.mjs';
import { readCommandLine } from './program.mjs';
import { treeShakable } from './tree-shakable.mjs';

readCommandLine(import.meta.url);

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');

/**
 * The source of each entry point, by the name of its bundle. Editors resolve `promark/…` by the same table, except for
 * `index`, whose default export is added by the build (`addDefault`).
 */
async function entryPoints() {
  const { compilerOptions } = JSON.parse(await readFile(join(root, 'tsconfig.base.json'), 'utf8'));
  const bundleOf = (name) => name.split('/').slice(1).join('-') || 'index';
  const named = Object.entries(compilerOptions.paths).map(([name, [file]]) => [bundleOf(name), file]);
  return { ...Object.fromEntries(named), index: 'lib/index.ts' };
}

/** Further modules that have files of their own, but no types. */
const UNLISTED = {
  // Loaded by the registry when a worker thread has metrics (`inChunk`).
  threads: 'lib/threads.ts',
  // In bundles for some runtimes, it takes the place of the chunk `processes`.
  'single-process': 'lib/processes/single-process.ts',
};

/** Compiles all sources to modules and declarations in a folder. */
function compile(outDir) {
  const tsc = join(root, 'node_modules/typescript-7/bin/tsc');
  const args = [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', outDir];
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, args, { stdio: 'inherit' });
    child.on('error', fail);
    child.on('exit', (code) => (code === 0 ? done() : fail(new Error(`tsc exited with code ${code}`))));
  });
}

/** Opens a bundle of sources, by name, read from the files with this extension. Any warning fails the build. */
async function open(sources, modules, extension, { isExpected, ...options }) {
  const entries = Object.entries(sources);
  return rollup({
    input: Object.fromEntries(entries.map(([name, file]) => [name, join(modules, file.replace(/\.ts$/, extension))])),
    external: (id) => /^[^./]/.test(id) && !id.startsWith(root) && !id.startsWith(modules),
    onwarn(warning) {
      // tsc's helpers for decorators refer to `this`.
      if (warning.code !== 'THIS_IS_UNDEFINED' && !isExpected?.(warning)) throw new Error(warning.message);
    },
    ...options,
  });
}

async function bundleModules(modules) {
  const entries = { ...(await entryPoints()), ...UNLISTED };
  let format;
  const bundle = await open(entries, modules, '.js', {
    treeshake: { moduleSideEffects: false },
    plugins: [locateModule],
    // In CommonJS, what a chunk needs of another one is loaded when it is first called.
    isExpected: ({ code }) => code === 'CIRCULAR_CHUNK' && format === 'cjs',
  });
  const formats = { es: 'js', cjs: 'cjs' };
  const node = nodeEntry({ eager: EAGER, lazy: LAZY, loadedWith: LOADED_WITH, commonJs: COMMONJS });
  for (const [name, extension] of Object.entries(formats)) {
    format = name;
    await bundle.write({
      dir: dist,
      format,
      entryFileNames: `[name].${extension}`,
      chunkFileNames: `[name].${extension}`,
      manualChunks: (id) => {
        const chunk = chunkOf(relative(modules, id));
        return format === 'cjs' ? (COMMONJS[chunk] ?? chunk) : chunk;
      },
      minifyInternalExports: false,
      hoistTransitiveImports: false,
      generatedCode: 'es2015',
      interop: 'auto',
      ...(format === 'cjs' && { esModule: true }),
      plugins: format === 'cjs' ? [defaultIsModule, requireBuiltins, compact, inChunk, node] : [compact, inChunk, node],
    });
  }
  await bundle.close();
  // Bundlers only ask for the ES module.
  await rm(join(dist, 'single-process.cjs'));
  await addDefault('js');
  await node.write(dist);
}

/**
 * Adds a default export to the entry point: an object with all of its names. In this form, bundlers resolve
 * `client.Counter` and drop the rest; in the form that Rollup would write, they do not.
 */
async function addDefault(...extensions) {
  await rename(join(dist, `index.${extensions[0]}`), join(dist, `named.${extensions[0]}`));
  const module = `./named.${extensions[0].replace('d.cts', 'cjs')}`;
  const source = `export * from '${module}';\nexport * as default from '${module}';\n`;
  await Promise.all(extensions.map((extension) => writeFile(join(dist, `index.${extension}`), source)));
}

/**
 * In CommonJS, the default export is `module.exports` itself, as in packages without `__esModule`: a test that replaces a
 * property of one replaces that of the other.
 */
const defaultIsModule = {
  name: 'default-is-module',
  outro: ({ name }) => (name === 'index' ? `${followingRegistry}\nexports.default = exports;` : ''),
};

/** The chunks that importing the package loads; Node has them in one file, `node.js`. */
const EAGER = ['model', 'core', 'pushgateway', 'register'];

/** The chunks that Node loads when they are first used. */
const LAZY = [
  'calls',
  'collectors',
  'decorators',
  'exporters',
  'formats',
  'http',
  'objects',
  'parsers',
  'processes',
  'publish',
  'pushes',
  'replica',
  'server',
  'settings',
  'sketches',
];

/** The lazy chunks that a chunk imports directly. */
const LOADED_WITH = {
  decorators: ['calls'],
  exporters: ['settings'],
  pushes: ['settings'],
  server: ['settings'],
  processes: ['publish', 'replica', 'sketches'],
  replica: ['publish', 'sketches'],
};

/**
 * The file of a chunk in CommonJS, where not of its own: there are fewer, since bundlers and most programs load none.
 * `register` has one, because it loads `processes`, which needs `core`, while it is evaluated.
 */
const COMMONJS = {
  calls: 'decorators',
  collectors: 'exporters',
  http: 'exporters',
  model: 'core',
  objects: 'formats',
  parsers: 'formats',
  publish: 'processes',
  pushes: 'exporters',
  pushgateway: 'register',
  replica: 'processes',
  server: 'exporters',
  settings: 'exporters',
  sketches: 'processes',
};

/**
 * The chunk of each module of lib/, by the first pattern that matches. A program loads the eager chunks at once and the
 * others when it uses them, because most of the time of an import is spent on compiling. Chunks must not import each
 * other in cycles, or statements would run before those that they need: hence `model`, which `calls`, `formats` and
 * `core` import.
 */
const CHUNKS = [
  [/^registry\/defaults\/(?!collect-default-metrics|collector-names)/, 'collectors'],
  [/^decorators\//, 'decorators'],
  [/^formats\/parser\//, 'parsers'],
  [/^processes\/(register|multi-process-collector|cluster-registry|worker-registry)/, 'register'],
  [/^(http\/http-recorder|exporters\/auth)/, 'register'],
  [/^http\//, 'http'],
  [/^exporters\/pushgateway\/pushgateway/, 'pushgateway'],
  [/^registry\/bridge/, 'collectors'],
  [/^registry\/defaults\/collect-default-metrics/, 'register'],
  // Metrics as objects: for programs written for prom-client, for tools and for `console.log`.
  [/^promclient\/(metric-object|aggregate)|^metrics\/inspect|^model\/(manifest|snapshot-of)/, 'objects'],
  [/^registry\/(adapted-metric|collector)\./, 'objects'],
  // Quantiles and native buckets.
  [/^metrics\/(sketch\/|layout\/native|native\/native-(options|sketch))/, 'sketches'],
  [/^(model|store)\/|^calls\/(promises|ending)|^formats\/quality-list|^metrics\/exemplars/, 'model'],
  [/^formats\//, 'formats'],
  [/^calls\/(?!settle)|^metrics\/method-decorators/, 'calls'],
  [/^(calls|promclient|metrics|registry)\/|^processes\/group-view/, 'core'],
  [/^exporters\/(pushgateway\/|textfile)/, 'pushes'],
  // The start of a server in a thread of its own, which has the code that answers requests.
  [/^exporters\/(http-server|thread\/)/, 'server'],
  [/^exporters\/(server-options|handler-options|scrape-request|page-source|live-document|tls\/)/, 'settings'],
  [/^(exporters|page)\//, 'exporters'],
  [/^replica\/(publish\/|journal-format|thread-memory)/, 'publish'],
  // A server's thread needs the mapping, also in programs that do not share a registry.
  [/^replica\/|^processes\/mapping/, 'replica'],
  [/^processes\/(?!single-process)/, 'processes'],
  // What tests import, whichever test runner they have.
  [/^lint\/|^testing\/(expect-page|matchers|samples)/, 'expectations'],
];

/** Returns the chunk of a module; undefined for entry points and modules that only they use. */
function chunkOf(module) {
  const [top, ...path] = module.split(sep);
  return top === 'lib' ? CHUNKS.find(([pattern]) => pattern.test(path.join('/')))?.[1] : undefined;
}

/** `import.meta` is a syntax error in CommonJS. */
const locateModule = {
  name: 'locate-module',
  resolveImportMeta(property, { format }) {
    if (format === 'cjs' && property === 'url') return "require('node:url').pathToFileURL(__filename).href";
  },
};

/** In CommonJS, `require` loads built-in modules, so that tests can mock them. */
const requireBuiltins = {
  name: 'require-builtins',
  renderChunk: (code) => code.replace(/\b(?:\w+\.)?builtin\(('node:[\w/]+')\)/g, 'require($1)'),
};

/** In CommonJS, as in prom-client, `contentType` is that of the default registry. */
const followingRegistry = `Object.defineProperty(exports, 'contentType', {
  enumerable: true,
  configurable: true,
  get: () => exports.register.contentType,
  set: (contentType) => exports.register.setContentType(contentType),
});`;

/** The registry loads the chunk of `lib/threads.ts` itself, instead of a file that only re-exports its functions. */
const inChunk = {
  name: 'in-chunk',
  generateBundle(_options, bundle) {
    const { fileName, imports } = Object.values(bundle).find(({ name }) => name === 'threads');
    const callers = Object.values(bundle).filter(({ code }) => code.includes('`./threads${'));
    if (imports.length !== 1 || callers.length !== 1) this.error(`${fileName} is not the only way to one chunk.`);
    const [chunk] = imports[0].split('.');
    callers[0].code = callers[0].code.replace('`./threads${', `\`./${chunk}\${`);
    delete bundle[fileName];
  },
};

/** Shortens each file. */
const compact = {
  name: 'compact',
  renderChunk: (code, _chunk, { format }) => shorten(format === 'es' ? treeShakable(code) : code, format === 'es'),
};

/**
 * Removes comments and indentation, a third of the bytes. Keeps names, and each statement on a line of its own, so that
 * stack traces remain readable.
 */
async function shorten(code, module = false) {
  const layout = {
    comments: false,
    preserve_annotations: true,
    semicolons: false,
    max_line_len: 160,
    ascii_only: true,
  };
  const { code: shortened } = await minify(code, {
    module,
    ecma: 2020,
    compress: false,
    mangle: { module: false, keep_classnames: true, keep_fnames: true },
    format: layout,
  });
  return shortened;
}

/**
 * Types of ES modules and of CommonJS differ in how they import others, so the entry points have both. Shared types are
 * declared once, in a CommonJS file, which both can import.
 */
async function bundleTypes(modules) {
  const bundle = await open(await entryPoints(), modules, '.d.ts', { plugins: [dts()] });
  for (const extension of ['d.cts', 'd.ts']) {
    await bundle.write({
      dir: dist,
      entryFileNames: `[name].${extension}`,
      chunkFileNames: `[name].${extension}`,
      manualChunks: (id) => (chunkOf(relative(modules, id)) === undefined ? undefined : 'lib'),
      minifyInternalExports: false,
      plugins: [sharedTypes],
    });
  }
  await bundle.close();
  await rm(join(dist, 'lib.d.ts'));
  await addDefault('d.cts', 'd.ts');
}

/** Both halves of the types import those that they share from the CommonJS one. */
const sharedTypes = {
  name: 'shared-types',
  renderChunk: (code) =>
    code.replaceAll(`from './lib.js'`, `from './lib.cjs'`).replaceAll(`import './lib.js'`, `import './lib.cjs'`),
};

/** Samples and benchmarks import `promark` by name, as a user does, so the name has to resolve to this folder. */
async function linkSelf() {
  const link = join(root, 'node_modules', 'promark');
  const existing = await lstat(link).catch(() => undefined);
  if (existing?.isSymbolicLink() && resolve(dirname(link), await readlink(link)) === root) return;
  await rm(link, { recursive: true, force: true });
  await mkdir(dirname(link), { recursive: true });
  await symlink('..', link, 'junction');
}

async function build() {
  const hash = await hashOfInputs(root);
  if (hash === undefined || !(await restoreBuild(root, hash, dist))) {
    await buildFromSources();
    if (hash !== undefined) await cacheBuild(root, hash, dist);
  }
  if (existsSync(join(root, 'node_modules'))) await linkSelf();
}

async function buildFromSources() {
  const modules = await realpath(await mkdtemp(join(tmpdir(), 'promark-build-')));
  try {
    await compile(modules);
    await rm(dist, { recursive: true, force: true });
    await Promise.all([
      bundleModules(modules),
      bundleTypes(modules),
      bundleThreads(dist, shorten),
      bundleCommand(join(dist, 'cli.js')),
      bundlePage([join(dist, 'live-page.html.gz')]),
    ]);
  } finally {
    await rm(modules, { recursive: true, force: true });
  }
}

try {
  await build();
} catch (error) {
  console.error(`build: ${error.message}`);
  process.exitCode = 1;
}
