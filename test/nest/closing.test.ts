import { execFile } from 'node:child_process';
import { mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const run = promisify(execFile);
const repository = resolve(import.meta.dirname, '../..');
let folder: string;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'promark-closing-')));
  await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'), 'junction');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test('a program ends by itself when its app is closed', async () => {
  const program = join(folder, 'program.mjs');
  const options = {
    entryPoints: [join(import.meta.dirname, 'closing.program.ts')],
    outfile: program,
    tsconfig: join(repository, 'test/tsconfig.legacy.json'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['@nestjs/*'],
    logLevel: 'error',
  };
  // esbuild cannot be called in the process of Jest, whose typed arrays are not those that esbuild knows.
  await run(process.execPath, ['-e', `require('esbuild').build(${JSON.stringify(options)})`], { cwd: repository });
  // Kept alive by a server, a timer or an observer, it would be killed here, and the promise rejected.
  const { stdout } = await run(process.execPath, [program], { timeout: 15_000 });
  expect(stdout).toMatch(/^process_cpu_user_seconds_total /m);
});
