import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Counter, Gauge, Registry, SharedStore } from 'promark';
import { snapshotOf } from '../../lib/model/snapshot-of.js';
import { FileReader } from '../../lib/processes/file-reader.js';
import { Folder } from '../../lib/processes/folder.js';
import { mapFile } from '../../lib/processes/mapping.js';
import { RegistryFile } from '../../lib/processes/registry-file.js';
import { newFolder } from './folder.js';
import type { Kind } from './in-file.js';

const warnings: string[] = [];
const logger = { warn: (message: string) => void warnings.push(message) };
const open: RegistryFile[] = [];

beforeEach(() => {
  jest.useFakeTimers();
  warnings.length = 0;
});

afterEach(() => {
  for (const file of open.splice(0)) file.end();
  jest.useRealTimers();
});

/** A registry with a counter, stored in a file of the folder. */
function kept(path: string, kind: Kind) {
  const registry = new Registry({ logger, store: new SharedStore() });
  const options = { map: kind === 'mapped' ? mapFile() : undefined, flushMs: 250, thread: false, worker: undefined };
  const file = new RegistryFile(registry, new Folder(path, false), options);
  open.push(file);
  const make = () => new Counter({ name: 'c_total', help: 'c', labelNames: ['n'], registers: [registry] });
  return { registry, file, make };
}

/** The values of all counters in the files of a folder that pages show. */
function valuesIn(path: string): number[] {
  const readers = readdirSync(path).flatMap((name) =>
    name.endsWith('.promark') ? [new FileReader(join(path, name))] : [],
  );
  const replaced = new Set(readers.map(({ identity }) => identity.replaces));
  const shown = readers.filter(({ identity }) => !replaced.has(identity.id));
  return shown.flatMap((reader) => {
    reader.mirror.hasEnded = true;
    reader.refresh();
    reader.mirror.sync();
    reader.close();
    return reader.mirror.members().flatMap(({ source }) => snapshotOf(source).samples.map(({ value }) => value));
  });
}

describe.each<Kind>(['mapped', 'buffered'])('a %s registry', (kind) => {
  test('has gauges that a function computes once it has run, and at the end what it computes then', async () => {
    const path = join(newFolder(), 'metrics');
    const { registry, file } = kept(path, kind);
    const registers = [registry];
    let value = 3;
    new Gauge({
      name: 'g',
      help: 'g',
      registers,
      collect() {
        this.set(value);
      },
    });
    new Counter({
      name: 'c_total',
      help: 'c',
      registers,
      collect() {
        this.reset();
        this.inc(value);
      },
    });
    file.tick();
    expect(valuesIn(path)).toEqual([0]);
    await file.refresh();
    file.tick();
    expect(valuesIn(path)).toEqual([3, 3]);
    value = 4;
    file.end();
    expect(valuesIn(path)).toEqual([4, 4]);
  });

  test('has a file from its first metric on, with everything recorded from then on', () => {
    const path = join(newFolder(), 'metrics');
    const { make } = kept(path, kind);
    expect(() => readdirSync(path)).toThrow('ENOENT');
    const counter = make();
    counter.inc({ n: 'a' }, 2);
    counter.inc({ n: 'b' }, 3);
    if (kind === 'buffered') jest.advanceTimersByTime(250);
    expect(valuesIn(path)).toEqual([2, 3]);
    counter.inc({ n: 'b' });
    jest.advanceTimersByTime(2000);
    expect(valuesIn(path)).toEqual([2, 4]);
  });

  test('writes the last values when it ends', () => {
    const path = newFolder();
    const { make, file } = kept(path, kind);
    make().inc({ n: 'a' }, 2);
    file.end();
    expect(valuesIn(path)).toEqual([2]);
  });

  test('continues in memory when the folder is deleted, logs this once, and creates it again', () => {
    const path = join(newFolder(), 'metrics');
    const { make } = kept(path, kind);
    const counter = make();
    counter.inc({ n: 'a' });
    rmSync(path, { recursive: true });
    counter.inc({ n: 'a' });
    counter.inc({ n: 'new' });
    jest.advanceTimersByTime(10_000);
    expect(valuesIn(path)).toEqual([2, 1]);
    counter.inc({ n: 'new' });
    jest.advanceTimersByTime(10_000);
    expect(valuesIn(path)).toEqual([2, 2]);
    expect(warnings).toEqual([
      expect.stringContaining('Counting continues in memory'),
      expect.stringContaining('are written to'),
    ]);
  });

  test('counts without a folder, and writes to it as soon as it can be created', () => {
    const parent = newFolder();
    const path = join(parent, 'metrics');
    writeFileSync(path, 'not a folder');
    const { make } = kept(path, kind);
    const counter = make();
    counter.inc({ n: 'a' });
    rmSync(path);
    jest.advanceTimersByTime(10_000);
    counter.inc({ n: 'a' });
    jest.advanceTimersByTime(1000);
    expect(valuesIn(path)).toEqual([2]);
  });

  test('continues in memory when the disk is full, and in a file once it is not', () => {
    const path = newFolder();
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=700', 'tmpfs', path], { stdio: 'ignore' });
    } catch {
      console.warn('Skipped: this user may not mount a small file system.');
      return;
    }
    try {
      const { make, registry } = kept(path, kind);
      const counter = make();
      counter.inc({ n: 'a' });
      jest.advanceTimersByTime(250);
      writeFileSync(join(path, 'ballast'), Buffer.alloc(700_000));
      for (let i = 0; i < 9000; i++) counter.inc({ n: `${'x'.repeat(100)}${i}` });
      const more = new Counter({ name: 'more_total', help: 'm', registers: [registry] });
      more.inc();
      jest.advanceTimersByTime(10_000);
      expect(warnings).toEqual([expect.stringContaining('ENOSPC')]);
      expect(valuesIn(path)[0]).toBe(1);
      rmSync(join(path, 'ballast'));
      registry.removeSingleMetric('c_total');
      jest.advanceTimersByTime(10_000);
      expect(valuesIn(path)).toEqual([1]);
      expect(warnings).toHaveLength(2);
    } finally {
      execFileSync('umount', ['-l', path]);
    }
  });
});

test('a registry with existing metrics is written periodically', () => {
  const path = newFolder();
  const registry = new Registry({ logger, store: new SharedStore() });
  new Counter({ name: 'c_total', help: 'c', registers: [registry] }).inc(7);
  const file = new RegistryFile(registry, new Folder(path, false), {
    map: mapFile(),
    flushMs: 250,
    thread: false,
    worker: undefined,
  });
  open.push(file);
  expect(file.isMapped).toBe(false);
  expect(valuesIn(path)).toEqual([7]);
});

test('a folder that other users can write to is refused unless allowed', () => {
  const path = join(newFolder(), 'open');
  mkdirSync(path);
  chmodSync(path, 0o777);
  expect(() => new Folder(path, false).open()).toThrow('Other users can write');
  expect(() => new Folder(path, true).open()).not.toThrow();
});
