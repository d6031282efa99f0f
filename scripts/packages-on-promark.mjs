// Installs unmodified packages written for prom-client and runs a program for each twice: with prom-client 15, and with
// this package through an npm override. Compares the pages: names, types, help, labels, and values that do not depend on
// time. Ignores the order of families and labels, and default metrics that only promark has.
//
//   npm run build && node scripts/packages-on-promark.mjs [words]
//
// Words select packages. A program that is a test runs under Jest. Needs the npm registry. Prints a table in Markdown.
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { differences } from './packages/differences.mjs';
import { readCommandLine, temporaryFolder } from './program.mjs';

const run = promisify(execFile);
const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The packages that each program needs in addition to prom-client. */
const PROGRAMS = {
  'willsoto-nestjs-prometheus.cjs': ['@willsoto/nestjs-prometheus', ...nest(11)],
  'nestjs-prometheus.cjs': ['nestjs-prometheus', 'prom-client@14', ...nest(8)],
  'express-prom-bundle.mjs': ['express-prom-bundle', 'express@5'],
  'express-prom-bundle-cluster.mjs': ['express-prom-bundle', 'express@5'],
  'fastify-metrics.mjs': ['fastify-metrics', 'fastify@5'],
  'prometheus-api-metrics.cjs': ['prometheus-api-metrics', 'express@4'],
  'promster.cjs': ['@promster/express', '@promster/metrics', 'express@4'],
  'hono-prometheus.mjs': ['@hono/prometheus', 'hono'],
  'graphql-yoga.mjs': ['@graphql-yoga/plugin-prometheus', 'graphql-yoga', 'graphql@16'],
  'opossum-prometheus.cjs': ['opossum-prometheus', 'opossum'],
  'node-postgres-exporter.cjs': ['@christiangalsterer/node-postgres-prometheus-exporter', 'pg'],
  'mongodb-exporter.cjs': ['@christiangalsterer/mongodb-driver-prometheus-exporter', 'mongodb'],
  'kafkajs-exporter.cjs': ['@christiangalsterer/kafkajs-prometheus-exporter', 'kafkajs'],
  'bentocache.mjs': ['@bentocache/plugin-prometheus', 'bentocache'],
  // Later versions of its core depend on releases that not every registry has.
  'message-queue-toolkit.mjs': ['@message-queue-toolkit/metrics', '@message-queue-toolkit/core@25'],
  'tryghost.test.cjs': ['@tryghost/prometheus-metrics'],
  'balena.test.cjs': ['@balena/node-metrics-gatherer'],
  'platformatic-metrics.cjs': ['@platformatic/metrics'],
};

function nest(major) {
  const parts = ['common', 'core', 'platform-express'].map((part) => `@nestjs/${part}@${major}`);
  return [...parts, major < 9 ? 'reflect-metadata@0.1' : 'reflect-metadata', 'rxjs@7'];
}

/** Runs npm as a user does, but without install scripts, which are not needed here. */
function npm(cwd, ...args) {
  return run('npm', [...args, '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd,
    shell: process.platform === 'win32',
  });
}

async function pack(folder) {
  await npm(root, 'pack', '--pack-destination', folder);
  const [name] = (await readdir(folder)).filter((entry) => entry.endsWith('.tgz'));
  return join(folder, name);
}

/** Returns a program's page on prom-client and on promark, and the version of the package. */
async function pagesOf(program, packages, tarball, folder) {
  await mkdir(folder);
  const manifest = { name: 'packages-on-promark', private: true, version: '1.0.0' };
  const write = (content) => writeFile(join(folder, 'package.json'), JSON.stringify(content));
  for (const file of [program, 'served.mjs', 'nest-shop.cjs'])
    await cp(join(root, 'scripts/packages', file), join(folder, file));
  await write(manifest);
  // A package that asks for an older prom-client is also compared with 15, unless its peer dependencies forbid that.
  const asksForOlder = packages.some((name) => name.startsWith('prom-client@'));
  await write(asksForOlder ? manifest : { ...manifest, overrides: { 'prom-client': '15' } });
  await npm(folder, 'install', ...packages);
  if (!(await readdir(join(folder, 'node_modules'))).includes('prom-client'))
    await npm(folder, 'install', 'prom-client@15');
  const { version } = JSON.parse(await readFile(join(folder, 'node_modules', packages[0], 'package.json'), 'utf8'));
  const original = await print(folder, program);
  const { dependencies } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  for (const entry of ['node_modules', 'package-lock.json'])
    await rm(join(folder, entry), { recursive: true, force: true });
  await write({
    ...manifest,
    dependencies: { ...dependencies, 'prom-client': `file:${tarball}` },
    overrides: { 'prom-client': '$prom-client' },
  });
  await npm(folder, 'install');
  const { name } = JSON.parse(await readFile(join(folder, 'node_modules/prom-client/package.json'), 'utf8'));
  if (name !== 'promark') throw new Error(`the override installed ${name}`);
  return { version, original, ours: await print(folder, program) };
}

async function print(folder, program) {
  const options = { cwd: folder, timeout: 300_000 };
  if (!program.includes('.test.')) return (await run(process.execPath, [program], options)).stdout;
  const jest = [join(root, 'node_modules/jest/bin/jest.js'), '--ci', '--rootDir', folder];
  await run(process.execPath, [...jest, '--testMatch', `**/${program}`], options);
  return readFile(join(folder, 'page.txt'), 'utf8');
}

const KNOWN_WORDS = {
  expected: `a part of ${Object.keys(PROGRAMS).join(', ')}`,
  accepts: (word) => Object.keys(PROGRAMS).some((program) => program.includes(word)),
};
const { operands: words } = readCommandLine(import.meta.url, { operands: { rule: KNOWN_WORDS } });
const temp = temporaryFolder('packages-on-promark-');
const tarball = await pack(temp);
console.log('| package | version | compared | page |\n|---|---|--:|---|');
for (const [program, packages] of Object.entries(PROGRAMS)) {
  if (words.length > 0 && !words.some((word) => program.includes(word))) continue;
  const how = /cluster|test/.exec(program)?.[0];
  const title = `\`${packages[0]}\`${how === undefined ? '' : how === 'test' ? ', under Jest' : ', in a cluster'}`;
  const row = (...cells) => console.log(`| ${title} | ${cells.join(' | ')} |`);
  try {
    const { version, original, ours } = await pagesOf(program, packages, tarball, join(temp, program));
    const { compared, differ } = differences(original, ours);
    row(version, compared, differ.length === 0 ? 'the same' : differ.join('; '));
    if (differ.length > 0 || compared === 0) process.exitCode = 1;
  } catch (error) {
    process.exitCode = 1;
    const lines = String(error.stderr || error.message)
      .trim()
      .split('\n');
    const errors = lines.filter((line) => /rror/.test(line));
    row(
      '',
      '',
      `fails: ${(errors.length > 0 ? errors : lines).slice(0, 3).join(' ')}${error.killed ? ' (too slow)' : ''}`,
    );
  }
}
