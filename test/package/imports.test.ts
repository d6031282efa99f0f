import { cp, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { installPacked, type Project } from './packed.js';

const bothWork = '{"default":true,"namespace":true}\n';

let project: Project;

beforeAll(async () => {
  project = await installPacked();
  await cp(join(import.meta.dirname, 'consumers/imports'), project.folder, { recursive: true });
  await project.borrow('jest', 'vitest', 'webpack', 'esbuild');
  const counting = ['named', 'namespace', 'default'].map((form) => `counts-${form}.mjs`);
  await project.node('bundle.mjs', 'print.mjs', 'print.cjs', ...counting);
}, 240_000);

afterAll(() => project?.remove());

describe('default, namespace and named imports of one program', () => {
  test.each([
    ['an ES module', ['print.mjs']],
    ['CommonJS', ['print.cjs']],
    ['CommonJS without require(esm)', ['--no-experimental-require-module', 'print.cjs']],
  ])('agree under Node in %s', async (_, args) => {
    expect(await project.node(...args)).toBe(bothWork);
  });

  describe('agree under Jest', () => {
    let passed: string[];

    beforeAll(async () => {
      const config = {
        testMatch: ['**/forms.jest.*'],
        transform: {},
        moduleFileExtensions: ['mjs', 'cjs', 'js'],
      };
      const jest = [
        'node_modules/jest/bin/jest.js',
        '--ci',
        '--json',
        '--runInBand',
        '--config',
        JSON.stringify(config),
      ];
      const { testResults } = JSON.parse(await project.node('--experimental-vm-modules', ...jest));
      const files: { name: string; status: string }[] = testResults;
      passed = files.filter(({ status }) => status === 'passed').map(({ name }) => basename(name));
    }, 240_000);

    test.each(['cjs', 'mjs'])('whose tests are .%s', (extension) => {
      expect(passed).toContain(`forms.jest.${extension}`);
    });
  });

  test('agree under Vitest', async () => {
    await project.node('node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.config.mjs');
  });

  test.each([
    ['webpack', 'print.mjs'],
    ['webpack', 'print.cjs'],
    ['esbuild', 'print.mjs'],
    ['esbuild', 'print.cjs'],
  ])('agree in a bundle by %s of %s', async (bundler, program) => {
    expect(await project.node(`${bundler}/${program}.cjs`)).toBe(bothWork);
  });
});

describe('a bundle of a program that only counts', () => {
  // esbuild does not see through a default export.
  test.each([
    ['webpack', 'named'],
    ['webpack', 'namespace'],
    ['webpack', 'default'],
    ['esbuild', 'named'],
    ['esbuild', 'namespace'],
  ])('of %s leaves out the rest, with a %s import', async (bundler, form) => {
    const code = await readFile(join(project.folder, bundler, `counts-${form}.mjs.cjs`), 'utf8');
    expect(code).toContain('counted_total');
    expect(code).not.toMatch(/Pushgateway|nodejs_eventloop|createServer/);
  });
});
