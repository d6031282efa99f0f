import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { collectDefaultMetrics, type DefaultCollectorName, type DefaultMetricsHandle, Registry } from 'promark';
import { sampleLines, valueOnLine } from '../support/page.js';
import { testOnLinux } from '../support/required-programs.js';

let register: Registry;
let defaults: DefaultMetricsHandle | undefined;

beforeEach(() => {
  register = new Registry();
});

afterEach(() => defaults?.stop());

function collect(...collectors: DefaultCollectorName[]): void {
  defaults = collectDefaultMetrics({ register, collectors });
}

/** The value of one line of the page, given all that precedes the value. */
const read = (series: string) => valueOnLine(register, series);

describe('values', () => {
  test('CPU time is that of the process since its start, and its parts add up', async () => {
    collect('processCpuTotal');
    const before = process.cpuUsage();
    const page = await register.metrics();
    const after = process.cpuUsage();
    const value = (name: string) => Number(page.match(new RegExp(`^${name} (.+)$`, 'm'))?.[1]);
    const user = value('process_cpu_user_seconds_total');
    const system = value('process_cpu_system_seconds_total');
    expect(user).toBeGreaterThanOrEqual(before.user / 1e6);
    expect(user).toBeLessThanOrEqual(after.user / 1e6);
    expect(system).toBeGreaterThanOrEqual(before.system / 1e6);
    expect(system).toBeLessThanOrEqual(after.system / 1e6);
    expect(value('process_cpu_seconds_total')).toBeCloseTo(user + system, 9);
  });

  test('CPU time continues after a restart, and starts from 0 after a reset', async () => {
    collect('processCpuTotal');
    const first = await read('process_cpu_seconds_total');
    defaults?.stop();
    collect('processCpuTotal');
    const second = await read('process_cpu_seconds_total');
    expect(second).toBeGreaterThanOrEqual(first);
    register.resetMetrics();
    expect(await read('process_cpu_seconds_total')).toBeLessThan(second);
  });

  test('the start time matches the uptime and does not change', async () => {
    collect('processStartTime');
    const start = await read('process_start_time_seconds');
    expect(Math.abs(start - (Date.now() / 1000 - process.uptime()))).toBeLessThan(1);
    defaults?.stop();
    collect('processStartTime');
    expect(await read('process_start_time_seconds')).toBe(start);
  });

  test('memory is that of the process', async () => {
    collect('osMemoryHeap', 'heapSizeAndUsed');
    const { rss, heapTotal } = process.memoryUsage();
    expect(await read('process_resident_memory_bytes')).toBeGreaterThan(rss / 2);
    expect(await read('process_resident_memory_bytes')).toBeLessThan(rss * 2);
    expect(await read('nodejs_heap_size_total_bytes')).toBeGreaterThan(heapTotal / 2);
    expect(await read('nodejs_heap_size_used_bytes')).toBeLessThan(await read('nodejs_heap_size_total_bytes'));
    expect(await read('nodejs_external_memory_bytes')).toBeGreaterThan(0);
  });

  testOnLinux('virtual memory and heap are in bytes', async () => {
    collect('osMemoryHeap');
    const resident = await read('process_resident_memory_bytes');
    expect(await read('process_virtual_memory_bytes')).toBeGreaterThan(resident);
    expect(await read('process_heap_bytes')).toBeGreaterThan(1024 * 1024);
    expect((await read('process_heap_bytes')) % 1024).toBe(0);
  });

  testOnLinux('every open file counts as one descriptor', async () => {
    collect('processOpenFileDescriptors');
    const before = await read('process_open_fds');
    const files = Array.from({ length: 25 }, () => openSync('/dev/null', 'r'));
    const open = await read('process_open_fds');
    for (const file of files) closeSync(file);
    expect(open - before).toBe(25);
    expect(await read('process_open_fds')).toBe(before);
  });

  testOnLinux('the limit of descriptors is above what is open', async () => {
    collect('processOpenFileDescriptors', 'processMaxFileDescriptors');
    expect(await read('process_max_fds')).toBeGreaterThan(await read('process_open_fds'));
  });

  test('handles and resources are counted by type, and a type without any leaves the page', async () => {
    collect('processHandles', 'processResources');
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    expect(await read('nodejs_active_handles{type="Server"}')).toBe(1);
    expect(await read('nodejs_active_resources{type="TCPServerWrap"}')).toBe(1);
    const page = await register.metrics();
    for (const name of ['nodejs_active_handles', 'nodejs_active_resources']) {
      const parts = [...page.matchAll(new RegExp(`^${name}\\{type="[^"]+"\\} (\\d+)$`, 'gm'))];
      const total = page.match(new RegExp(`^${name}_total (\\d+)$`, 'm'))?.[1];
      expect(parts.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(Number(total));
    }
    server.close();
    await once(server, 'close');
    // Node reports the handle until some turns of the loop later.
    for (let turns = 0; turns < 100 && (await register.metrics()).includes('type="Server"'); turns++) await turn();
    await expect(read('nodejs_active_handles{type="Server"}')).rejects.toThrow('no nodejs_active_handles');
  });

  test('what the scrape itself keeps open is not counted', async () => {
    defaults = collectDefaultMetrics({ register });
    // Jest has some of its own at times.
    while (process.getActiveResourcesInfo().includes('Immediate')) await turn();
    await expect(read('nodejs_active_resources{type="Immediate"}')).rejects.toThrow('no nodejs_active_resources');
  });

  test('heap spaces are those of V8, named as in prom-client', async () => {
    collect('heapSpacesSizeAndUsed');
    const total = await read('nodejs_heap_space_size_total_bytes{space="old"}');
    expect(await read('nodejs_heap_space_size_used_bytes{space="old"}')).toBeLessThanOrEqual(total);
    expect(await read('nodejs_heap_space_size_available_bytes{space="old"}')).toBeGreaterThanOrEqual(0);
    expect(total).toBeGreaterThan(0);
  });

  test('the version is in the labels', async () => {
    collect('version');
    const [major, minor, patch] = process.versions.node.split('.');
    const labels = `version="${process.version}",major="${major}",minor="${minor}",patch="${patch}"`;
    expect(await read(`nodejs_version_info{${labels}}`)).toBe(1);
    register.resetMetrics();
    expect(await read(`nodejs_version_info{${labels}}`)).toBe(1);
  });

  test('constant labels are on every series, after the labels of the family', async () => {
    defaults = collectDefaultMetrics({ register, labels: { instance: 'a', shard: 7 } });
    const lines = sampleLines(await register.metrics());
    expect(lines.length).toBeGreaterThan(30);
    expect(lines.filter((line) => !/[{,]instance="a",shard="7"/.test(line))).toEqual([]);
    expect(await read('nodejs_heap_space_size_used_bytes{space="old",instance="a",shard="7"}')).toBeGreaterThan(0);
  });

  test('a metric can be read alone, without the others of its collector', async () => {
    collect('eventLoopLag', 'heapSizeAndUsed', 'osMemoryHeap');
    expect(await register.getSingleMetricAsString('nodejs_heap_size_used_bytes')).toMatch(/_bytes [1-9]\d+\n?$/);
  });
});
