import { execFile } from 'node:child_process';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundle, repository } from '../support/processes.js';

const run = promisify(execFile);

/** Programs in separate Node processes, which import the sources of this repository as `./promark.mjs`. */
export interface Programs {
  /** Runs a module from a string and returns its output; rejects if it fails or is still running after `timeout` ms. */
  run(source: string, options?: { nodeArgs?: readonly string[]; timeout?: number }): Promise<string>;
  remove(): Promise<void>;
}

export async function buildPrograms(): Promise<Programs> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'promark-defaults-')));
  await bundle({ entryPoints: [join(repository, 'lib/index.ts')], outfile: join(folder, 'promark.mjs') });
  let count = 0;
  return {
    async run(source, { nodeArgs = [], timeout = 120_000 } = {}) {
      count += 1;
      const program = join(folder, `program-${count}.mjs`);
      await writeFile(program, source);
      return (await run(process.execPath, [...nodeArgs, program], { cwd: repository, timeout })).stdout;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
