// Bundles the program of the metrics server's thread into one file: loading it takes a third of the time and half of
// the memory that its modules would, one by one.
import { rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const source = join(dirname(dirname(fileURLToPath(import.meta.url))), 'lib/exporters/thread/server-thread.ts');

/**
 * Writes the program to a file. By default next to its source, where the sources look for it as the package does in
 * dist/: Jest does that before a run. A thread that starts meanwhile finds the old program or the new one, whole.
 */
export async function bundleThread(outfile = source.replace(/\.ts$/, '.cjs')) {
  const draft = `${outfile}.${process.pid}`;
  await build({
    entryPoints: [source],
    outfile: draft,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    // Files that lie next to the program are found from it.
    banner: { js: "const programUrl = require('node:url').pathToFileURL(__filename).href;" },
    define: { 'import.meta.url': 'programUrl' },
    minifySyntax: true,
    minifyWhitespace: true,
    lineLimit: 160,
    logLevel: 'error',
  });
  await rename(draft, outfile);
}
