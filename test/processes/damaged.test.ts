import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { snapshotOf } from '../../lib/model/snapshot-of.js';
import { BadFileError } from '../../lib/processes/file-format.js';
import { FileReader } from '../../lib/processes/file-reader.js';
import { Folder } from '../../lib/processes/folder.js';
import { Group } from '../../lib/processes/group.js';
import { count, everyType } from '../registry/every-type.js';
import { runs } from '../support/property-runs.js';
import { describeBy } from '../support/required-programs.js';
import { newFolder } from './folder.js';
import { fileStore, type Kind, published } from './in-file.js';

/** Reads a file like a page does. Returns what is wrong with it, or undefined if it can be shown. */
function faultOf(path: string): string | undefined {
  try {
    const reader = new FileReader(path);
    try {
      reader.refresh();
      reader.mirror.sync();
      for (const { source } of reader.mirror.members()) snapshotOf(source);
      return undefined;
    } finally {
      reader.close();
    }
  } catch (error) {
    if (error instanceof BadFileError) return error.message;
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return code;
  }
}

/** Numbers below `limit`, the same in each run. */
function sample(limit: number, count: number): number[] {
  let state = 12_345;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  });
}

describe.each<Kind>(['mapped', 'buffered'])('of a %s file', (kind) => {
  let whole: Buffer;
  let path: string;
  let folder: string;

  beforeAll(() => {
    const written = newFolder();
    const place = fileStore(written, kind);
    const metrics = everyType(true, place.store);
    for (const on of ['counter', 'gauge', 'histogram', 'native', 'summary', 'states', 'info'] as const) {
      for (let i = 0; i < 5; i++) count(metrics, on, { a: 'x', b: `${i}` }, i);
    }
    const file = published(metrics.registry, place, kind);
    whole = readFileSync(place.file.path);
    file.close();
  });

  function written(bytes: Uint8Array): string {
    folder = newFolder();
    path = join(folder, 'x.promark');
    writeFileSync(path, bytes);
    return path;
  }

  test('the intact file can be read', () => {
    expect(faultOf(written(whole))).toBeUndefined();
  });

  test('a file truncated anywhere is excluded, or shows what is there', () => {
    written(whole);
    const lengths = [0, 1, 4095, 4096, ...sample(whole.length, 40 * runs(1))];
    for (const length of lengths.sort((a, b) => b - a)) {
      truncateSync(path, length);
      expect(faultOf(path)).toEqual(expect.any(String));
    }
  });

  test('no flipped bit makes the reader crash, hang or exhaust memory', () => {
    for (const bit of sample(whole.length * 8, 300 * runs(1))) {
      const bytes = Buffer.from(whole);
      bytes[bit >> 3] ^= 1 << (bit & 7);
      const file = written(bytes);
      expect(() => faultOf(file)).not.toThrow();
    }
    // The header, the directory and the start of the journal, where every bit matters.
    for (const bit of sample(8192 * 8, 300 * runs(1))) {
      const bytes = Buffer.from(whole);
      bytes[bit >> 3] ^= 1 << (bit & 7);
      const file = written(bytes);
      expect(() => faultOf(file)).not.toThrow();
    }
  });

  test('an unknown version and a different byte order are reported', () => {
    const version = Buffer.from(whole);
    version.writeUInt32LE(99, 4);
    expect(faultOf(written(version))).toContain('format version 99');
    const order = Buffer.from(whole);
    order.writeUInt32BE(0x01020304, 8);
    expect(faultOf(written(order))).toContain('byte order');
  });
});

test.each([
  ['plain text', (path: string) => writeFileSync(path, 'x'.repeat(10_000)), 'not a promark file'],
  ['a folder', (path: string) => mkdirSync(path), 'not a regular file'],
  ['a link', (path: string) => symlinkSync('/etc/hostname', path), 'ELOOP'],
  ['a pipe', (path: string) => execFileSync('mkfifo', [path]), 'not a regular file'],
])('%s is left out at once', (_, make, fault) => {
  const path = join(newFolder(), 'x.promark');
  make(path);
  expect(faultOf(path)).toContain(fault);
});

describeBy(
  process.platform === 'linux' ? { verdict: 'run' } : { verdict: 'skip', reason: 'only /proc lists open files' },
  'a damaged accumulator',
  () => {
    test('is excluded, and does not stay open', async () => {
      const folder = newFolder();
      const place = fileStore(folder, 'buffered');
      const file = published(everyType(true, place.store).registry, place, 'buffered');
      const path = join(folder, 'acc-1');
      writeFileSync(path, readFileSync(place.file.path).subarray(0, 8192));
      file.close();
      const warnings: string[] = [];
      const faults = { warn: (message: string) => warnings.push(message), instrumentation() {} };
      const group = new Group(
        new Folder(folder, true),
        () => new Set([place.file.identity.id]),
        () => ({}),
        faults,
      );
      for (let i = 0; i < 3; i++) expect(await group.read()).toEqual([]);
      expect(warnings[0]).toContain('The file acc-1');
      const open = readdirSync('/proc/self/fd').map((fd) => linkOf(`/proc/self/fd/${fd}`));
      expect(open).not.toContain(path);
      group.close();
    });
  },
);

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // The descriptor of the listing itself.
    return '';
  }
}
