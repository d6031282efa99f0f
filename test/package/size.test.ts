import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { installPacked, type Project } from './packed.js';

let project: Project;

beforeAll(async () => {
  project = await installPacked();
}, 240_000);

afterAll(() => project?.remove());

test('the package has at most 134 files, of which a third are docs', async () => {
  const { stdout } = await promisify(execFile)('tar', ['-tzf', project.tarball]);
  expect(stdout.trim().split('\n').length).toBeLessThanOrEqual(134);
});

/** Bundles a program as an application does, by default for Node. */
async function bundled(contents: string, conditions?: string[]): Promise<Uint8Array> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: project.folder },
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    write: false,
    ...(conditions && { conditions }),
  });
  return outputFiles[0].contents;
}

test.each([
  ['Counter', 22_600],
  // A registry of the program's own joins no group of processes.
  ['Counter, Registry', 46_950],
  ['Counter, register', 81_350],
])('a bundle of %s takes at most %d bytes, gzipped', async (names, most) => {
  const contents = await bundled(`import { ${names} } from 'promark'; globalThis.used = [${names}];`);
  expect(gzipSync(contents).length).toBeLessThanOrEqual(most);
});

test.each([
  ['a program that only records', '', 1],
  ['one that calls multiprocess()', 'promark.multiprocess({ mapped: false });', 0],
])('in a group of processes, the bundle of %s says whether others miss its metrics', async (_, call, warnings) => {
  const program = join(project.folder, 'records.mjs');
  const names = call === '' ? '{ Counter }' : '* as promark';
  const counter = call === '' ? 'Counter' : 'promark.Counter';
  await writeFile(
    program,
    await bundled(`import ${names} from 'promark'; ${call} new ${counter}({ name: 'a_total', help: 'A' }).inc();`),
  );
  const env = { ...process.env, PROMETHEUS_MULTIPROC_DIR: join(project.folder, 'group') };
  const { stderr } = await promisify(execFile)(process.execPath, [program], { env });
  expect(stderr.match(/are not shared with other processes.*Call multiprocess\(\)/g) ?? []).toHaveLength(warnings);
});

describe('a bundle for a runtime without processes that share files', () => {
  test.each(['workerd', 'edge-light', 'browser'])('takes at most 48 600 bytes, gzipped, for %s', async (runtime) => {
    const program = `import { Counter, register } from 'promark'; globalThis.used = [Counter, register];`;
    expect(gzipSync(await bundled(program, [runtime, 'module'])).length).toBeLessThanOrEqual(48_600);
  });

  test('has a page, and says what is missing', async () => {
    const program = join(project.folder, 'edge.mjs');
    const contents = `
      import { Counter, multiprocess, register } from 'promark';
      new Counter({ name: 'a_total', help: 'A' }).inc();
      console.log(await register.metrics());
      try { multiprocess(); } catch (error) { console.log(error.message); }`;
    await writeFile(program, await bundled(contents, ['workerd', 'module']));
    const { stdout } = await promisify(execFile)(process.execPath, [program]);
    expect(stdout).toContain('a_total 1\n');
    expect(stdout).toMatch(/multiprocess is not possible here: .*without processes that share files/);
  });
});
