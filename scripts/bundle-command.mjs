// Bundles the `promark` command into a separate file: programs that import promark load nothing of it.
import { chmod } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Writes the command to an executable file. */
export async function bundleCommand(outfile) {
  await build({
    entryPoints: [join(root, 'lib/cli/promark.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    banner: { js: '#!/usr/bin/env node' },
    minifySyntax: true,
    minifyWhitespace: true,
    lineLimit: 160,
    logLevel: 'error',
  });
  await chmod(outfile, 0o755);
}
