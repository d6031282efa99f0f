// Bundles the sources for Jest, which evaluates every module again for each test file that imports it: one module takes a
// fraction of the time of three hundred. The bundle of lib/ is CommonJS, whose functions are compiled once per worker
// (`scripts/jest-runtime.cjs`). For tests of internals, each source also has a small module with the same exports, which
// `scripts/jest-resolver.cjs` finds.
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transform as swc } from '@swc/core';
import { transform as esbuild } from 'esbuild';
import { rollup } from 'rollup';
import { swcOptions } from './jest-swc.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lib = join(root, 'lib');
const nest = join(root, 'nest');

/** Programs of threads and of the command line, which run when they are imported. */
const PROGRAMS = /(server-thread|writer-thread|cli\/promark)\.ts$/;

/** Writes the bundles to a folder. Files are replaced atomically, because another run of Jest may be reading them. */
export async function bundleSources(folder = join(root, 'node_modules/.cache/jest-sources')) {
  await Promise.all([bundleLib(join(folder, 'lib')), bundleNest(join(folder, 'nest'))]);
}

async function bundleLib(folder) {
  const bundle = await open(lib, (text, file) =>
    esbuild(text, { loader: 'ts', format: 'esm', target: 'es2022', sourcemap: true, sourcefile: file }),
  );
  let reachable;
  await write(bundle, folder, {
    format: 'cjs',
    exports: 'named',
    interop: 'auto',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name].cjs',
    manualChunks(id, { getModuleInfo }) {
      reachable ??= reachableFrom(join(lib, 'promark.ts'), getModuleInfo);
      return reachable.has(id) ? '_sources' : undefined;
    },
  });
}

/** An ES module, which may import Nest 12. */
async function bundleNest(folder) {
  const bundle = await open(nest, (text, file) => swc(text, { ...swcOptions(true), filename: file }));
  await write(bundle, folder, {
    format: 'es',
    entryFileNames: '[name].mjs',
    chunkFileNames: '[name].mjs',
    manualChunks: () => '_nest',
  });
}

/** Opens a bundle of all sources in a folder. `compiled` returns the code of one and its map. */
async function open(folder, compiled) {
  const files = (await readdir(folder, { recursive: true })).filter(
    (file) => file.endsWith('.ts') && !PROGRAMS.test(file),
  );
  const compile = {
    name: 'compile',
    resolveId(request, from) {
      if (!from) return null;
      if (!/^\.{1,2}\//.test(request)) return false;
      const file = join(dirname(from), request.replace(/\.js$/, '.ts'));
      // All that others may import of lib/ is what the package exports.
      return file.startsWith(folder) ? file : { id: 'promark', external: true };
    },
    load: async (file) => compiled(await readFile(file, 'utf8'), file),
    // A source looks for files next to itself, not next to the bundle.
    resolveImportMeta: (property, { moduleId }) =>
      property === 'url' ? JSON.stringify(pathToFileURL(moduleId).href) : null,
  };
  return rollup({
    input: Object.fromEntries(files.map((file) => [file.replace(/\.ts$/, ''), join(folder, file)])),
    treeshake: false,
    plugins: [compile],
    onwarn(warning) {
      // A source that has only types.
      if (warning.code !== 'EMPTY_BUNDLE') throw new Error(warning.message);
    },
  });
}

async function write(bundle, folder, options) {
  const { output } = await bundle.generate({
    // What the paths in source maps are relative to.
    dir: folder,
    sourcemap: true,
    minifyInternalExports: false,
    hoistTransitiveImports: false,
    generatedCode: 'es2015',
    ...options,
  });
  await bundle.close();
  await Promise.all(
    output.map(async ({ fileName, code, source }) => {
      const file = join(folder, fileName);
      const draft = `${file}.${process.pid}`;
      await mkdir(dirname(file), { recursive: true });
      await writeFile(draft, code ?? source);
      await rename(draft, file);
    }),
  );
}

function reachableFrom(id, getModuleInfo, reachable = new Set()) {
  if (reachable.has(id) || !id.startsWith(lib)) return reachable;
  reachable.add(id);
  for (const next of getModuleInfo(id).importedIds) reachableFrom(next, getModuleInfo, reachable);
  return reachable;
}
