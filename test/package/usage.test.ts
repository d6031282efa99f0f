import { cp, readdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { installPacked, type Project } from './packed.js';

let project: Project;

beforeAll(async () => {
  project = await installPacked();
  await cp(join(import.meta.dirname, 'consumers/run'), project.folder, { recursive: true });
}, 240_000);

afterAll(() => project?.remove());

describe('the tarball', () => {
  test('holds the build and what explains it, with no trace of the machine that built it', async () => {
    const root = join(project.folder, 'node_modules/promark');
    const entries = await readdir(root, { recursive: true });
    expect(
      entries.filter(
        (entry) =>
          !/^(dist\b.*|docs(\/[\w-]+\.md|\/images(\/.*)?)?|package\.json|(README|CHANGELOG)\.md|LICENSE)$/.test(entry),
      ),
    ).toEqual([]);
    expect(entries).toContain('LICENSE');
    for (const file of entries.filter((entry) => /\.(js|ts)$/.test(entry))) {
      expect(await readFile(join(root, file), 'utf8')).not.toContain(resolve(project.folder, '..'));
    }
  });

  test('holds every file that the README links to, so that its links work where there is no repository', async () => {
    const root = join(project.folder, 'node_modules/promark');
    const readme = await readFile(join(root, 'README.md'), 'utf8');
    const links = Array.from(readme.matchAll(/\]\((?!https?:)([^)#]+)/g), ([, path]) => path);
    const entries = await readdir(root, { recursive: true });
    expect(links.length).toBeGreaterThan(10);
    expect(links.filter((path) => !entries.includes(path))).toEqual([]);
  });

  test('has no runtime dependency and only optional peers', async () => {
    const manifest = JSON.parse(await readFile(join(project.folder, 'node_modules/promark/package.json'), 'utf8'));
    expect(manifest.dependencies).toBeUndefined();
    for (const peer of Object.keys(manifest.peerDependencies)) {
      expect(manifest.peerDependenciesMeta[peer]).toEqual({ optional: true });
    }
  });

  test('satisfies publint', async () => {
    const tarball = Uint8Array.from(await readFile(project.tarball)).buffer;
    const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  test('satisfies are-the-types-wrong', async () => {
    const analysis = await checkPackage(createPackageFromTarballData(await readFile(project.tarball)));
    expect(analysis.types).toEqual({ kind: 'included' });
    // It cannot know that `default` is `module.exports` itself, and would have all types nested in it.
    const problems = 'problems' in analysis ? analysis.problems : [];
    expect(problems.filter(({ kind }) => kind !== 'MissingExportEquals')).toEqual([]);
  });
});

describe('the installed package', () => {
  // Without require(esm), as in older tools, `require` gets the CommonJS build: a second copy in the same process.
  const noRequireOfEsm = '--no-experimental-require-module';

  test('works through import', async () => {
    expect(await project.node('import.mjs')).toContain('orders_total{by="import"} 2\n');
  });

  test.each([[[]], [[noRequireOfEsm]]])('works through require, with %j', async (flags) => {
    expect(await project.node(...flags, 'require.cjs')).toContain('orders_total{by="require"} 2\n');
  });

  test.each(['import(entry)', 'require(entry)'])('loads from every entry point, by %s', async (load) => {
    await project.borrow('@nestjs', 'rxjs', 'reflect-metadata', '@opentelemetry', '@jest', 'vitest');
    const code = `import { createRequire } from 'node:module';
    const require = createRequire(import.meta.url);
    for (const path of Object.keys(require('promark/package.json').exports)) {
      const entry = path.replace('.', 'promark');
      if (!path.endsWith('.json')) await ${load};
    }`;
    await project.node('--input-type=module', '-e', code);
  });

  test.each([
    ['one copy', []],
    ['two copies', [noRequireOfEsm]],
  ])('shares one default registry between import and require: %s', async (copies, flags) => {
    const printed = await project.node(...flags, 'both.mjs');
    expect(printed).toMatch(new RegExp(`^${copies}\none registry\n`));
    expect(printed).toContain('imported_total 1\n');
    expect(printed).toContain('required_total 2\n');
  });

  test.each([
    ['import.mjs', []],
    ['require.cjs', []],
    ['require.cjs', [noRequireOfEsm]],
  ])('shares the default registry in the folder that the environment names: %s, with %j', async (program, flags) => {
    const page = await project.node('--env-file=shared.env', ...flags, program);
    expect(page).toContain('promark_multiprocess_processes 1\n');
    expect(page).toContain('orders_total{by=');
  });

  // The environment names the folder before the modules of promark are evaluated, so that another copy of them shares it.
  test.each([[[]], [[noRequireOfEsm]]])(
    'maps the file of the folder that the environment names, with %j',
    async (flags) => {
      await project.borrow('koffi', '@koromix');
      await rm(join(project.folder, 'group'), { recursive: true, force: true });
      const printed = await project.node('--env-file=shared.env', ...flags, 'mapped.mjs');
      expect(printed).toMatch(/^mapped\n/);
      expect(printed).toContain('jobs_total{by="two"} 1\n');
      expect(printed).toContain('promark_multiprocess_buffered_window_seconds 0\n');
    },
  );

  test('works in the tests of a user whose Jest runs CommonJS', async () => {
    await project.borrow('jest');
    const config = JSON.stringify({ testMatch: ['**/*.jest.cjs'], transform: {} });
    await project.node('node_modules/jest/bin/jest.js', '--ci', '--config', config);
  });

  test.each(['import', 'require', 'cjs'])('gives its families to OpenTelemetry through %s', async (way) => {
    // No SDK: it comes with the user's reader.
    await project.borrow('@opentelemetry/api');
    expect(await project.node('otel.mjs', way)).toBe('orders_total 3\n');
  });

  test.each([
    ['import', []],
    ['require', []],
    ['require', [noRequireOfEsm]],
  ])('serves from its own thread through %s, with %j', async (way, flags) => {
    expect(await project.node(...flags, 'thread.mjs', way)).toBe('answered while blocked\n');
  });

  test.each(['import', 'require', 'cjs'])('adds the endpoint to a Nest app through %s', async (way) => {
    await project.borrow('@nestjs', 'rxjs', 'reflect-metadata');
    const page = await project.node('nest.mjs', way);
    expect(page).toContain('orders_total 3\n');
    expect(page).toContain('process_cpu_seconds_total');
    expect(page).toContain('\nPrometheusModule MetricsController\n');
    expect(page).toContain('The name "parcels" is defined for One and Two.\n');
  });
});
