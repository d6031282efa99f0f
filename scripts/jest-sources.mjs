// Bundles the sources for Jest, which evaluates every module again for each test file that imports it: one module takes a
// fraction of the time of three hundred. For tests of internals, each source also has a small module with the same
// exports, which `scripts/jest-resolver.cjs` finds.
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transform } from 'esbuild';
import { rollup } from 'rollup';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lib = join(root, 'lib');

/** Programs of threads and of the command line, which run when they are imported. */
const PROGRAMS = /(server-thread|writer-thread|cli\/promark)\.ts$/;

const compile = {
  name: 'compile',
  resolveId: (request, from) =>
    from && /^\.{1,2}\//.test(request) ? join(dirname(from), request.replace(/\.js$/, '.ts')) : null,
  async load(id) {
    const { code, map } = await transform(await readFile(id, 'utf8'), {
      loader: 'ts',
      format: 'esm',
      target: 'es2022',
      sourcemap: true,
      sourcefile: id,
    });
    return { code, map };
  },
  // A source looks for files next to itself, not next to the bundle.
  resolveImportMeta: (property, { moduleId }) =>
    property === 'url' ? JSON.stringify(pathToFileURL(moduleId).href) : null,
};

/** Writes the bundle to a folder. Files are replaced atomically, because another run of Jest may be reading them. */
export async function bundleSources(folder = join(root, 'node_modules/.cache/jest-sources')) {
  const files = (await readdir(lib, { recursive: true })).filter(
    (file) => file.endsWith('.ts') && !PROGRAMS.test(file),
  );
  const bundle = await rollup({
    input: Object.fromEntries(files.map((file) => [file.replace(/\.ts$/, ''), join(lib, file)])),
    external: (id) => /^[^./]/.test(id),
    treeshake: false,
    plugins: [compile],
  });
  let reachable;
  const { output } = await bundle.generate({
    format: 'es',
    entryFileNames: '[name].mjs',
    chunkFileNames: '[name].mjs',
    sourcemap: true,
    minifyInternalExports: false,
    hoistTransitiveImports: false,
    generatedCode: 'es2015',
    manualChunks(id, { getModuleInfo }) {
      reachable ??= reachableFrom(join(lib, 'promark.ts'), getModuleInfo);
      return reachable.has(id) ? '_sources' : undefined;
    },
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
