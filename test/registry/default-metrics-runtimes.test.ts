import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testOnLinux } from '../support/required-programs.js';
import { buildPrograms, type Programs } from './default-metrics.child.js';

let programs: Programs | undefined;

beforeAll(async () => {
  programs = await buildPrograms();
});

afterAll(() => programs?.remove());

/** The page of a process in which `change` was run before promark was loaded, as lines without comments. */
async function pageAfter(change: string): Promise<string> {
  const page = await programs?.run(`
    import { createRequire, syncBuiltinESMExports } from 'node:module';
    const require = createRequire(import.meta.url);
    const fs = require('node:fs');
    const hooks = require('node:perf_hooks');
    const v8 = require('node:v8');
    ${change}
    syncBuiltinESMExports();
    const { collectDefaultMetrics, register } = await import('./promark.mjs');
    const defaults = collectDefaultMetrics();
    console.log(await register.metrics());
    defaults.stop();
    console.log(register.getMetricsAsArray().length);`);
  expect(page).toMatch(/\n0\n$/);
  return page ?? '';
}

describe('a runtime that lacks something', () => {
  test('still has the other metrics', async () => {
    const page = await pageAfter(`
      hooks.monitorEventLoopDelay = undefined;
      hooks.PerformanceObserver = undefined;
      hooks.performance.eventLoopUtilization = undefined;
      v8.getHeapSpaceStatistics = undefined;
      for (const name of ['cpuUsage', 'memoryUsage', '_getActiveHandles', '_getActiveRequests', 'getActiveResourcesInfo']) {
        process[name] = undefined;
      }`);
    const names = [...page.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    const proc = [
      'process_resident_memory_bytes',
      'process_virtual_memory_bytes',
      'process_heap_bytes',
      'process_open_fds',
      'process_max_fds',
    ];
    expect(names).toEqual([
      'process_start_time_seconds',
      ...(process.platform === 'linux' ? proc : []),
      'nodejs_version_info',
      'nodejs_eventloop_lag_seconds',
    ]);
  });

  test('may have an event loop monitor that is not implemented', async () => {
    const page = await pageAfter(`
      hooks.monitorEventLoopDelay = () => { throw Object.assign(new Error('no'), { code: 'ERR_NOT_IMPLEMENTED' }); };`);
    expect(page).toContain('\nnodejs_eventloop_lag_seconds ');
    expect(page).not.toContain('nodejs_eventloop_lag_max_seconds');
  });

  test.each(['bun', 'deno'])('is not trusted if it returns made-up values: %s', async (name) => {
    const page = await pageAfter(
      `Object.defineProperty(process, 'versions', { value: { ...process.versions, ${name}: '1.0.0' } });`,
    );
    expect(page).toContain('nodejs_heap_size_used_bytes');
    expect(page).not.toContain('nodejs_gc_duration_seconds');
    expect(page).not.toContain('nodejs_eventloop_utilization');
  });
});

describe('a system that lacks something', () => {
  test('reports the resident memory without /proc', async () => {
    const page = await pageAfter(`
      const { readFileSync, statSync } = fs;
      const deny = (real) => (path, ...rest) => {
        if (String(path).startsWith('/proc/')) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
        return real(path, ...rest);
      };
      fs.readFileSync = deny(readFileSync);
      fs.statSync = deny(statSync);`);
    expect(page).toMatch(/^process_resident_memory_bytes [1-9]\d{6,}$/m);
    for (const name of ['process_virtual_memory_bytes', 'process_heap_bytes', 'process_open_fds', 'process_max_fds']) {
      expect(page).not.toContain(name);
    }
  });

  testOnLinux('lists the open descriptors where their folder has no size', async () => {
    const page = await pageAfter(`
      const { statSync } = fs;
      for (let i = 0; i < 40; i++) fs.openSync('/dev/null', 'r');
      globalThis.expected = fs.readdirSync('/proc/self/fd').length - 1;
      console.log('expected', expected);
      fs.statSync = (path, ...rest) => (path === '/proc/self/fd' ? { size: 0 } : statSync(path, ...rest));`);
    const expected = page.match(/^expected (\d+)$/m)?.[1];
    const open = Number(page.match(/^process_open_fds (\d+)$/m)?.[1]);
    // Loading promark may leave a descriptor or two open for its file.
    expect(Math.abs(open - Number(expected))).toBeLessThanOrEqual(3);
  });

  testOnLinux('may have no limit on file descriptors', async () => {
    const page = await pageAfter(`
      const { readFileSync } = fs;
      fs.readFileSync = (path, ...rest) =>
        path === '/proc/self/limits'
          ? 'Limit  Soft Limit  Hard Limit  Units\\nMax open files            unlimited            unlimited            files\\n'
          : readFileSync(path, ...rest);`);
    expect(page).toMatch(/^process_max_fds \+Inf$/m);
  });
});
