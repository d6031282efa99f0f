import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const root = resolve(import.meta.dirname, '../../..');

/** Runs a JavaScript program that imports promark in a separate process, and returns what it prints. */
export async function runProgram(text: string, flags: readonly string[] = []): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'promark-program-'));
  try {
    const outfile = join(folder, 'program.mjs');
    await build({
      stdin: { contents: text, resolveDir: root, loader: 'ts' },
      alias: { promark: join(root, 'lib/index.ts') },
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      outfile,
      logLevel: 'silent',
    });
    return (await promisify(execFile)(process.execPath, [...flags, outfile])).stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}
