// Bundles each thread's program into one file: it loads in a third of the time and takes half the memory of individual
// modules.
import { rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const lib = join(dirname(dirname(fileURLToPath(import.meta.url))), 'lib');

/** The thread of the metrics server, and what it loads later. */
const SERVER = 'exporters/thread/server-thread.ts';
const LATER = 'exporters/thread/server-thread-later.ts';

/** The thread that writes a file that is not mapped. */
const WRITER = 'processes/writer-thread.ts';

const OPTIONS = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  write: false,
  define: { 'import.meta.url': 'programUrl' },
  minifySyntax: true,
  logLevel: 'error',
};

/** Locates files next to the program. */
const PROGRAM_URL = "const programUrl = require('node:url').pathToFileURL(__filename).href;\n";

/** A name of its own, because esbuild would take a module that refers to `module` for CommonJS. */
const EXPORTS = 'const exportsOfProgram = () => module.exports;\n';

/**
 * Writes the programs to a folder. By default they go next to their sources, where the sources look for them as the
 * package does in dist/; Jest does that before a run. A thread that starts meanwhile finds either the complete old
 * program or the complete new one.
 *
 * @param compact Shortens a program. Default: as it is.
 */
export async function bundleThreads(folder, compact = (code) => code) {
  const programs = new Map([[WRITER, await commonJs({ entryPoints: [join(lib, WRITER)] })], ...(await serverThread())]);
  for (const [source, code] of programs) {
    const program = join(folder ?? dirname(join(lib, source)), basename(source).replace(/\.ts$/, '.cjs'));
    const draft = `${program}.${process.pid}`;
    await writeFile(draft, await compact(PROGRAM_URL + code));
    await rename(draft, program);
  }
}

async function commonJs(options) {
  const { outputFiles } = await build({ ...OPTIONS, format: 'cjs', ...options });
  return outputFiles[0].text;
}

/**
 * The server's thread. What both parts of its program need lies in the first one, which passes its exports to the
 * later one, a function. The later one has no `require`, because bundlers that take both along rename them.
 */
async function serverThread() {
  const { outputFiles } = await build({
    ...OPTIONS,
    entryPoints: [SERVER, LATER].map((source) => join(lib, source)),
    outdir: lib,
    format: 'esm',
    splitting: true,
  });
  const files = new Map(outputFiles.map(({ path, text }) => [`./${basename(path)}`, text]));
  const [first, later] = [SERVER, LATER].map((source) => `./${basename(source).replace(/\.ts$/, '.js')}`);
  const [shared, ...others] = [...files.keys()].filter((name) => name !== first && name !== later);
  if (others.length > 0) throw new Error(`${others.join(', ')}: expected one file that both parts share.`);
  const contents = `export * from '${shared}';\nimport '${first}';\n`;
  const plugins = [{ name: 'parts', setup: (setup) => setUpParts(setup, files) }];
  return [
    [SERVER, EXPORTS + (await commonJs({ stdin: { contents, resolveDir: lib }, plugins }))],
    [LATER, functionOf(files.get(later), shared)],
  ];
}

function setUpParts({ onResolve, onLoad }, files) {
  onResolve({ filter: /^\.\// }, ({ path }) => ({ path, namespace: 'parts' }));
  onLoad({ filter: /.*/, namespace: 'parts' }, ({ path }) => ({ contents: files.get(path), resolveDir: lib }));
}

/** Makes a module whose only import is `shared` a function of that module's exports, which returns its own. */
function functionOf(module, shared) {
  const body = module
    .replace(/^import \{([^}]*)\} from "([^"]*)";$/gm, (_, names, from) => {
      if (from !== shared) throw new Error(`The later part of the server's thread must not import ${from}.`);
      return `const {${names.replace(/ as /g, ': ')}} = shared;`;
    })
    .replace(/^export \{([^}]*)\};$/m, (_, names) => `return {${names.replace(/(\w+) as (\w+)/g, '$2: $1')}};`);
  return `module.exports = function later(shared) {\n${body}};\n`;
}
