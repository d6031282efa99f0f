import { chmodSync, chownSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { ConfigError, MultiProcessCollector, markProcessDead, multiprocess, Registry } from 'promark';
import { sampleValue } from 'promark/testing';
import { kindOf } from '../../lib/processes/file-system.js';
import { Folder } from '../../lib/processes/folder.js';
import { buildPrograms, type Program } from '../exporters/programs.js';
import { repository } from '../support/processes.js';
import { describeBy } from '../support/required-programs.js';
import { until } from '../support/until.js';
import { newFolder } from './folder.js';

let programs: Awaited<ReturnType<typeof buildPrograms>>;
const running: Program[] = [];

beforeAll(async () => {
  programs = await buildPrograms('test/processes/counting.program.ts');
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((program) => end(program)));
});

afterAll(() => programs.remove());

/** Starts a program that counts, with options of `multiprocess`. */
async function start(dir: string, count: number, options: object = {}): Promise<Program> {
  const program = await programs.start('counting.program.ts', {
    PROMETHEUS_MULTIPROC_DIR: dir,
    // The way the primary of a cluster passes them to its workers.
    PROMARK_MULTIPROCESS_OPTIONS: JSON.stringify(options),
    NODE_PATH: join(repository, 'node_modules'),
    COUNT: `${count}`,
  });
  running.push(program);
  return program;
}

async function end(program: Program, signal: NodeJS.Signals = 'SIGKILL') {
  program.process.kill(signal);
  return program.ended;
}

/** The page of a process that only shows what others record. */
function collectorOf(dir: string): Registry {
  const registry = new Registry({ logger: { warn() {} } });
  new MultiProcessCollector(registry, { dir });
  return registry;
}

const files = (dir: string) => readdirSync(dir).filter((name) => name.endsWith('.promark'));

describe('MultiProcessCollector', () => {
  test('shows what others count, what their collect functions compute and what their collectors yield', async () => {
    const dir = newFolder();
    const [one, two] = [await start(dir, 3), await start(dir, 4)];
    const registry = collectorOf(dir);
    await until('what both have computed', async () => (await sampleValue(await registry.metrics(), 'load')) === 14);
    await until(
      'what their collectors yield',
      async () => (await sampleValue(await registry.metrics(), 'queue_depth')) === 4,
    );
    const page = await registry.metrics();
    expect(await sampleValue(page, 'all_total')).toBe(7);
    expect(await sampleValue(page, 'queued_total')).toBe(8);
    expect(await sampleValue(page, 'promark_multiprocess_processes')).toBe(2);
    expect(page).not.toContain('promark_multiprocess_buffered_window_seconds');

    await end(one);
    const left = await registry.metrics();
    expect(await sampleValue(left, 'queue_depth')).toBe(2);
    expect(await sampleValue(left, 'queued_total')).toBe(8);
    await until(
      'the fold',
      async () => (await sampleValue(await registry.metrics(), 'promark_multiprocess_folded_total')) === 1,
    );
    expect(await sampleValue(await registry.metrics(), 'queued_total')).toBe(8);
    await end(two);
    await until(
      'no process',
      async () => (await sampleValue(await registry.metrics(), 'promark_multiprocess_processes')) === 0,
    );
    expect(await sampleValue(await registry.metrics(), 'all_total')).toBe(7);
  });

  test('needs a folder', () => {
    expect(() => new MultiProcessCollector(new Registry())).toThrow(ConfigError);
  });
});

test('markProcessDead folds the file of an ended process, and does nothing for a running one', async () => {
  const dir = newFolder();
  const [one, two] = [await start(dir, 3), await start(dir, 4)];
  await markProcessDead(one.process.pid ?? 0, dir);
  expect(files(dir)).toHaveLength(2);
  await end(two);
  await markProcessDead(two.process.pid ?? 0, dir);
  expect(files(dir)).toHaveLength(1);
  expect(await sampleValue(await collectorOf(dir).metrics(), 'all_total')).toBe(7);
});

describe('signals', () => {
  const rarely = { mapped: false, flushIntervalMs: 3_600_000 };

  test('make a process write its metrics before one of them ends it', async () => {
    const dir = newFolder();
    const program = await start(dir, 5, { ...rarely, signals: ['SIGTERM'] });
    expect(await end(program, 'SIGTERM')).toEqual({ code: null, signal: 'SIGTERM' });
    expect(await sampleValue(await collectorOf(dir).metrics(), 'all_total')).toBe(5);
  });

  test('that are not listed lose what was not written', async () => {
    const dir = newFolder();
    await end(await start(dir, 5, rarely), 'SIGTERM');
    expect((await sampleValue(await collectorOf(dir).metrics(), 'all_total')) ?? 0).toBe(0);
  });

  test('that cannot be handled are refused', () => {
    const options = { registry: new Registry(), dir: newFolder(), signals: ['SIGKILL' as const] };
    expect(() => multiprocess(options)).toThrow(ConfigError);
  });
});

describe("wipe: 'when-alone'", () => {
  test('deletes what earlier processes recorded, if none is running', async () => {
    const dir = newFolder();
    await end(await start(dir, 5));
    await start(dir, 1, { wipe: 'when-alone' });
    expect(await sampleValue(await collectorOf(dir).metrics(), 'all_total')).toBe(1);
  });

  test('deletes nothing while one is running', async () => {
    const dir = newFolder();
    await end(await start(dir, 5));
    await start(dir, 10);
    await start(dir, 1, { wipe: 'when-alone' });
    expect(await sampleValue(await collectorOf(dir).metrics(), 'all_total')).toBe(16);
  });
});

describeBy(
  process.getuid?.() === 0 ? { verdict: 'run' } : { verdict: 'skip', reason: 'only root may give files away' },
  'what belongs to another user',
  () => {
    test('is refused as a folder', () => {
      const dir = join(newFolder(), 'metrics');
      mkdirSync(dir, { mode: 0o700 });
      chownSync(dir, 12_345, 12_345);
      const registry = new Registry();
      expect(() => multiprocess({ registry, dir })).toThrow('belongs to another user (12345)');
      expect(() => new Folder(dir, true).open()).not.toThrow();
    });

    test('is excluded as a file', async () => {
      const dir = newFolder();
      await end(await start(dir, 5));
      for (const file of files(dir)) chownSync(join(dir, file), 12_345, 12_345);
      const page = await collectorOf(dir).metrics();
      expect(await sampleValue(page, 'all_total')).toBeUndefined();
      expect(await sampleValue(page, 'promark_multiprocess_left_out_files')).toBe(1);
    });
  },
);

test('a folder is made with those above it, and one that cannot be made or is a file is refused', () => {
  const dir = join(newFolder(), 'a', 'b', 'c');
  new Folder(dir, false).open();
  expect(statSync(dirname(dir)).mode & 0o777).toBe(0o700);
  const file = join(dir, 'file');
  writeFileSync(file, '');
  for (const path of [file, join(file, 'below'), ...(process.platform === 'linux' ? ['/proc/promark/metrics'] : [])]) {
    expect(() => new Folder(path, false).open()).toThrow(ConfigError);
  }
});

test('an empty variable or path names no folder, not even the current one', () => {
  const registry = new Registry({ logger: { warn() {} } });
  expect(() => multiprocess({ registry, dir: '' })).toThrow('option dir must be the path of a folder, got "".');
  const { PROMETHEUS_MULTIPROC_DIR: previous } = process.env;
  process.env.PROMETHEUS_MULTIPROC_DIR = '';
  try {
    const group = multiprocess({ registry });
    group.end();
    expect(basename(group.dir)).toMatch(/^promark-/);
  } finally {
    if (previous === undefined) delete process.env.PROMETHEUS_MULTIPROC_DIR;
    else process.env.PROMETHEUS_MULTIPROC_DIR = previous;
  }
});

test('a link to a folder is refused and named', () => {
  const dir = newFolder();
  symlinkSync('metrics', join(dir, 'link'));
  const refused = `${join(dir, 'link')} is a link to metrics, so processes cannot share metrics there.`;
  expect(() => multiprocess({ registry: new Registry(), dir: join(dir, 'link') })).toThrow(refused);
  mkdirSync(join(dir, 'metrics'));
  expect(() => multiprocess({ registry: new Registry(), dir: join(dir, 'link') })).toThrow(refused);
});

test('a folder that other users can write to is refused', () => {
  const dir = join(newFolder(), 'metrics');
  mkdirSync(dir);
  // chmod, because the umask restricts the mode of mkdir.
  chmodSync(dir, 0o777);
  expect(() => multiprocess({ registry: new Registry(), dir })).toThrow(`Other users can write to ${dir}`);
});

test.each([
  ['tmpfs', 0x01021994, 'mappable'],
  ['ext4', 0xef53, 'mappable'],
  ['NFS', 0x6969, 'remote'],
  ['SMB 2', 0xfe534d42 | 0, 'remote'],
  ['ramfs', 0x858458f6, 'local'],
] as const)('a file system of type %s is known', (_, type, kind) => {
  expect(kindOf(type)).toBe(kind);
});
