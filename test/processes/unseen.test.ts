import { existsSync, readdirSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { Counter, Gauge, Registry } from 'promark';
import { sampleValue } from 'promark/testing';
import { Folder } from '../../lib/processes/folder.js';
import { Group } from '../../lib/processes/group.js';
import { SourceMerger } from '../../lib/replica/merge/source-merger.js';
import { newFolder } from './folder.js';
import { GONE, leaveFile } from './growth.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** A process of another machine, or of this one before it was restarted. */
const ELSEWHERE = { boot: 'another' };

/** The processes of a folder, which may lie on another machine, and their page. */
function groupOf(path: string, fileSystem: 'mappable' | 'remote' = 'mappable') {
  const registry = new Registry({ logger: { warn() {} } });
  const folder = Object.defineProperty(new Folder(path, false), 'fileSystem', { value: fileSystem });
  const none = new Set<string>();
  const group = new Group(
    folder,
    () => none,
    ({ pid }) => ({ pid: String(pid) }),
    registry.faults,
  );
  const merger = new SourceMerger(['pid'], registry.faults);
  registry.setMerging({ merge: async (_, selects) => merger.merge(await group.read(), selects) });
  return { group, page: () => registry.metrics() };
}

function countOnce(registers: Registry[]): void {
  new Counter({ name: 'jobs_total', help: 'Jobs', registers }).inc(3);
  new Gauge({ name: 'users', help: 'Users', aggregate: 'livesum', registers }).set(2);
}

test('of processes that have ended, the last 1000 series under `all` stay', async () => {
  const path = newFolder();
  const { group, page } = groupOf(path);
  const pids = [1, 2, 3].map((i) => (GONE.pid ?? 0) + i);
  for (const pid of pids) {
    const identity = { ...GONE, pid, tid: pid };
    leaveFile(
      path,
      (registers) => {
        countOnce(registers);
        const each = new Gauge({ name: 'each', help: 'Each', labelNames: ['n'], aggregate: 'all', registers });
        for (let n = 0; n < 400; n++) each.set({ n }, 1);
      },
      { identity, isClosed: true },
    );
    await group.read();
    expect(group.fold()).toBe(1);
  }
  const lines = (await page()).split('\n').filter((line) => line.startsWith('each{'));
  // 400 of each: a third process's would be too many.
  expect(lines).toHaveLength(800);
  expect(lines.filter((line) => line.includes(`pid="${pids[0]}"`))).toEqual([]);
  expect(await sampleValue(await page(), 'jobs_total')).toBe(9);
  expect(readdirSync(path)).toEqual(['acc-3']);
  group.close();
});

test.each([
  ['on another machine, or from before a restart', ELSEWHERE, 'mappable'],
  ['on a volume of another machine', ELSEWHERE, 'remote'],
] as const)(
  'a process %s is never added up, leaves live gauges after 5 minutes, and its file goes after a day',
  async (_, identity, fileSystem) => {
    const path = newFolder();
    const now = Date.now();
    const files = [MINUTE, 6 * MINUTE, DAY - MINUTE, DAY + MINUTE].map((silence) =>
      leaveFile(path, countOnce, { identity, heartbeat: now - silence }),
    );
    const { group, page } = groupOf(path, fileSystem);
    await group.read();
    expect(group.fold()).toBe(0);
    const after = await page();
    expect(await sampleValue(after, 'users')).toBe(2);
    expect(await sampleValue(after, 'jobs_total')).toBe(9);
    expect(files.map((file) => existsSync(file))).toEqual([true, true, true, false]);
    group.close();
  },
);

test('over a network, a process that has ended is not added up: its file stays for a day', async () => {
  const path = newFolder();
  const left = { identity: GONE, isClosed: true };
  const recent = leaveFile(path, countOnce, left);
  const old = leaveFile(path, countOnce, { ...left, heartbeat: Date.now() - DAY - MINUTE });
  const { group, page } = groupOf(path, 'remote');
  await group.read();
  expect(group.fold()).toBe(0);
  const after = await page();
  expect(await sampleValue(after, 'users')).toBeUndefined();
  expect(await sampleValue(after, 'jobs_total')).toBe(3);
  expect([existsSync(recent), existsSync(old)]).toEqual([true, false]);
  group.close();
});
