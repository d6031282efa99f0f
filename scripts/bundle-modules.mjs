// Makes a few files of the hundreds of modules that tsc has written to dist/esm: importing them takes a fifth of the time.
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Bundles the ES modules of a build in place. Each entry point of the package stays where it is; what several of them
 * share goes to `chunks/`, so that there is one copy of every class. Modules that are in a bundle now are removed.
 */
export async function bundleModules(folder) {
  const { exports } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const entryPoints = Object.values(exports)
    .filter((target) => target.import !== undefined)
    .map((target) => join(folder, target.import.default.replace('./dist/esm/', '')));
  const { metafile } = await build({
    entryPoints,
    outdir: folder,
    outbase: folder,
    chunkNames: 'chunks/[name]-[hash]',
    allowOverwrite: true,
    bundle: true,
    splitting: true,
    metafile: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
    plugins: [threadProgramFromBundle],
  });
  const written = new Set(Object.keys(metafile.outputs).map((file) => resolve(file)));
  for (const file of await readdir(folder, { recursive: true })) {
    const path = resolve(folder, file);
    if (!path.endsWith('.js')) continue;
    if (written.has(path)) await restoreClassNames(path);
    else await rm(path);
  }
}

/**
 * Of `X = class X`, which decorated classes are compiled to, esbuild makes `X = class X2`, and users would read that name
 * in Nest's log. (Its `keepNames` does more than that, for every function, at run time.)
 */
async function restoreClassNames(path) {
  const text = await readFile(path, 'utf8');
  const restored = text.replace(/^(var (\w+) = (?:\w+ = )?class) (\2\d+)\b/gm, (_, start, name, given) => {
    if (text.split(new RegExp(`\\b${given}\\b`)).length > 2)
      throw new Error(`${path} uses the name ${given} of ${name}`);
    return `${start} ${name}`;
  });
  if (restored !== text) await writeFile(path, restored);
}

/** All bundles lie in folders of `folder`, so the thread's program is two steps up from where `import.meta` then is. */
const threadProgramFromBundle = {
  name: 'thread-program',
  setup({ onLoad }) {
    onLoad({ filter: /thread[\\/]location\.js$/ }, async ({ path }) => {
      const contents = await readFile(path, 'utf8');
      const moved = contents.replace("'../../../../server-thread.cjs'", "'../../server-thread.cjs'");
      if (moved === contents) throw new Error(`${path} does not name the thread's program as expected`);
      return { contents: moved };
    });
  },
};
