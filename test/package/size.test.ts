import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { installPacked, type Project } from './packed.js';

let project: Project;

beforeAll(async () => {
  project = await installPacked();
}, 240_000);

afterAll(() => project?.remove());

test('the package has at most 145 files, of which a quarter are docs', async () => {
  const { stdout } = await promisify(execFile)('tar', ['-tzf', project.tarball]);
  expect(stdout.trim().split('\n').length).toBeLessThanOrEqual(145);
});

test.each([
  ['Counter', 22_500],
  ['Counter, register', 74_500],
])('a bundle of %s takes at most %d bytes, gzipped', async (names, most) => {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { ${names} } from 'promark'; globalThis.used = [${names}];`,
      resolveDir: project.folder,
    },
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    write: false,
  });
  expect(gzipSync(outputFiles[0].contents).length).toBeLessThanOrEqual(most);
});
