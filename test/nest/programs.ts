import { execFile } from 'node:child_process';
import { mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const repository = resolve(import.meta.dirname, '../..');

/** Runs programs of this folder in a process of their own, without Jest around them. */
export interface Programs {
  /** Runs `name.program.ts` and gives what it printed. Rejects when it fails, or has not ended after 15 s. */
  run(name: string): Promise<string>;
  remove(): Promise<void>;
}

export async function preparePrograms(): Promise<Programs> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'promark-programs-')));
  await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'), 'junction');
  return {
    async run(name) {
      const program = await bundle(name, folder);
      const { stdout } = await run(process.execPath, [program], { timeout: 15_000 });
      return stdout;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function bundle(name: string, folder: string): Promise<string> {
  const outfile = join(folder, `${name}.mjs`);
  const options = {
    entryPoints: [join(import.meta.dirname, `${name}.program.ts`)],
    outfile,
    tsconfig: join(repository, 'test/tsconfig.legacy.json'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['@nestjs/*', 'rxjs'],
    logLevel: 'error',
  };
  // esbuild cannot be called in the process of Jest, whose typed arrays are not those that esbuild knows.
  await run(process.execPath, ['-e', `require('esbuild').build(${JSON.stringify(options)})`], { cwd: repository });
  return outfile;
}
