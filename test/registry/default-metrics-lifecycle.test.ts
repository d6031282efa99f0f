import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ConfigError, ConflictError, collectDefaultMetrics, Gauge, Registry } from 'promark';
import { buildPrograms, type Programs } from './default-metrics.child.js';

let register: Registry;

beforeEach(() => {
  register = new Registry();
});

async function names(): Promise<string[]> {
  return [...(await register.metrics()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name ?? '');
}

describe('stop', () => {
  test('removes its metrics from the registry and leaves the others', async () => {
    new Gauge({ name: 'mine', help: 'Mine', registers: [register] });
    const defaults = collectDefaultMetrics({ register });
    expect((await names()).length).toBeGreaterThan(20);
    defaults.stop();
    expect(await names()).toEqual(['mine']);
  });

  test('is called by a using declaration', async () => {
    {
      using _defaults = collectDefaultMetrics({ register });
      expect(await names()).toContain('nodejs_version_info');
    }
    expect(await names()).toEqual([]);
  });

  test('can be followed by a restart, again and again', async () => {
    const first = collectDefaultMetrics({ register });
    const all = await names();
    first.stop();
    for (let i = 0; i < 20; i++) collectDefaultMetrics({ register }).stop();
    const last = collectDefaultMetrics({ register });
    expect(await names()).toEqual(all);
    first.stop();
    expect(await names()).toEqual(all);
    last.stop();
    expect(await names()).toEqual([]);
  });

  test('leaves a metric alone that replaced one of its own', async () => {
    const defaults = collectDefaultMetrics({ register, collectors: ['version'] });
    register.removeSingleMetric('nodejs_version_info');
    const mine = new Gauge({ name: 'nodejs_version_info', help: 'Mine', registers: [register] });
    defaults.stop();
    expect(register.getSingleMetric('nodejs_version_info')).toBe(mine);
  });
});

describe('a second call on a registry', () => {
  test('shares running collectors until both are stopped', async () => {
    const first = collectDefaultMetrics({ register });
    const all = await names();
    const metric = register.getSingleMetric('nodejs_gc_duration_seconds');
    const second = collectDefaultMetrics({ register });
    expect(await names()).toEqual(all);
    expect(register.getSingleMetric('nodejs_gc_duration_seconds')).toBe(metric);
    first.stop();
    first.stop();
    expect(await names()).toEqual(all);
    second.stop();
    expect(await names()).toEqual([]);
  });

  test('starts collectors that are not running yet', async () => {
    const first = collectDefaultMetrics({ register, collectors: ['version'] });
    const second = collectDefaultMetrics({ register, collectors: ['version', 'processStartTime'] });
    expect(await names()).toEqual(['nodejs_version_info', 'process_start_time_seconds']);
    first.stop();
    expect(await names()).toEqual(['nodejs_version_info', 'process_start_time_seconds']);
    second.stop();
    expect(await names()).toEqual([]);
  });

  test('keeps the options of the first', async () => {
    using _first = collectDefaultMetrics({ register, collectors: ['version'], labels: { instance: 'a' } });
    using _second = collectDefaultMetrics({ register, collectors: ['version'], labels: { zone: 'b' } });
    const page = await register.metrics();
    expect(page).toContain('instance="a"');
    expect(page).not.toContain('zone');
  });

  test('with another prefix creates its own metrics', async () => {
    const first = collectDefaultMetrics({ register, collectors: ['version'] });
    using _second = collectDefaultMetrics({ register, collectors: ['version'], prefix: 'shop_' });
    expect(await names()).toEqual(['nodejs_version_info', 'shop_nodejs_version_info']);
    first.stop();
    expect(await names()).toEqual(['shop_nodejs_version_info']);
  });

  test('recreates what registry.clear() removed', async () => {
    const first = collectDefaultMetrics({ register });
    const all = await names();
    register.clear();
    using _second = collectDefaultMetrics({ register });
    expect(await names()).toEqual(all);
    first.stop();
    expect(await names()).toEqual(all);
  });

  test('is independent if it is for another registry', async () => {
    const other = new Registry();
    using _defaults = collectDefaultMetrics({ register });
    collectDefaultMetrics({ register: other }).stop();
    expect(await names()).toContain('nodejs_version_info');
    expect(await other.metrics()).not.toContain('nodejs_version_info');
  });
});

describe('an unusable option throws a ConfigError:', () => {
  test('a name that is taken, and leaves nothing behind', async () => {
    new Gauge({ name: 'nodejs_version_info', help: 'Mine', registers: [register] });
    expect(() => collectDefaultMetrics({ register })).toThrow(ConflictError);
    expect(await names()).toEqual(['nodejs_version_info']);
    using _defaults = collectDefaultMetrics({ register, collectors: { version: false } });
    expect(await names()).toContain('nodejs_gc_duration_seconds');
  });

  test.each<[string, unknown, string]>([
    ['a config that is not an object', 5, 'options must be an object, got 5'],
    ['a register of another kind', { register: {} }, 'register must be a promark Registry'],
    ['a prefix that is not a string', { prefix: 1 }, 'prefix must be a string, got 1'],
    ['labels that are not an object', { labels: ['a'] }, 'labels must be an object'],
    ['a label value that is not a string', { labels: { a: {} } }, 'label "a"'],
    ['a label that a family already has', { labels: { kind: 'x' } }, 'nodejs_gc_duration_seconds has a label "kind"'],
    ['an unknown collector in an array', { collectors: ['gcc'] }, 'got "gcc"'],
    ['an unknown collector in an object', { collectors: { toString: false } }, 'got "toString"'],
    ['a switch that is not a boolean', { collectors: { gc: 'no' } }, 'collectors.gc must be true or false, got "no"'],
    ['collectors of another kind', { collectors: 'gc' }, 'must be an object such as { gc: false }'],
    ['a precision of 0', { eventLoopMonitoringPrecision: 0 }, 'a whole number of milliseconds'],
    ['a precision with a fraction', { eventLoopMonitoringPrecision: 1.5 }, 'a whole number of milliseconds'],
    ['a window of 0', { eventLoopLagWindowSeconds: 0 }, 'eventLoopLagWindowSeconds must be a number from 0.001'],
    ['a window that is too long for a timer', { eventLoopLagWindowSeconds: 1e9 }, 'to 2147483'],
    ['a NaN interval', { eventLoopUtilizationTimeout: Number.NaN }, 'must be a number from 1 to 2147483647, got NaN'],
    ['an endless interval', { eventLoopUtilizationTimeout: Infinity }, 'got Infinity'],
    ['unsorted buckets', { gcDurationBuckets: [2, 1] }, 'nodejs_gc_duration_seconds'],
  ])('%s', async (_what, config, message) => {
    const given = typeof config === 'object' ? { register, ...config } : config;
    expect(() => collectDefaultMetrics(given as never)).toThrow(message);
    expect(await names()).toEqual([]);
  });

  test('is reported as a ConfigError', () => {
    expect(() => collectDefaultMetrics({ register, prefix: 1 as never })).toThrow(ConfigError);
  });

  test('null counts as no config, as in prom-client', () => {
    expect(() => collectDefaultMetrics(null).stop()).not.toThrow();
  });
});

describe('a separate process', () => {
  let programs: Programs | undefined;

  beforeAll(async () => {
    programs = await buildPrograms();
  });

  afterAll(() => programs?.remove());

  test('exits on its own if it only collects default metrics', async () => {
    expect(
      await programs?.run(`
        import { collectDefaultMetrics } from './promark.mjs';
        collectDefaultMetrics();
        process.on('exit', (code) => console.log('ended', code));`),
    ).toBe('ended 0\n');
  });

  test('exits on its own after a scrape and a garbage collection as well', async () => {
    expect(
      await programs?.run(
        `
        import { collectDefaultMetrics, register } from './promark.mjs';
        collectDefaultMetrics();
        gc();
        const page = await register.metrics();
        console.log(page.includes('nodejs_eventloop_lag_seconds'));`,
        { nodeArgs: ['--expose-gc'] },
      ),
    ).toBe('true\n');
  });

  test('has no resource left after stop', async () => {
    expect(
      await programs?.run(`
        import { createHook } from 'node:async_hooks';
        import { setFlagsFromString } from 'node:v8';
        import { runInNewContext } from 'node:vm';
        import { collectDefaultMetrics } from './promark.mjs';
        setFlagsFromString('--expose-gc');
        const gc = runInNewContext('gc');
        // Its pipes are made by the first thing that is printed.
        console.log('begin');
        const open = new Map();
        createHook({
          init: (id, type) => { if (type !== 'PROMISE') open.set(id, type); },
          destroy: (id) => open.delete(id),
        }).enable();
        const defaults = collectDefaultMetrics();
        const during = [...open.values()];
        defaults.stop();
        // Destroyed resources are reported in a later turn; a monitor when it is collected.
        setImmediate(() => setImmediate(() => gc()));
        setImmediate(() => setImmediate(() => setImmediate(() => setImmediate(() => {
          console.log(during.filter((type) => type === 'Timeout').length);
          console.log([...open.values()].filter((type) => type !== 'Immediate' && type !== 'TickObject').join());
        }))));`),
      // What is left is the clock of the summary's window: it ends with its slice, and does not keep a process alive.
    ).toBe('begin\n3\nTimeout\n');
  });

  test('has its monitors disabled after stop', async () => {
    expect(
      await programs?.run(`
        import { createRequire, syncBuiltinESMExports } from 'node:module';
        const hooks = createRequire(import.meta.url)('node:perf_hooks');
        const { monitorEventLoopDelay } = hooks;
        const made = [];
        hooks.monitorEventLoopDelay = (options) => made[made.push(monitorEventLoopDelay(options)) - 1];
        syncBuiltinESMExports();
        const { collectDefaultMetrics } = await import('./promark.mjs');
        collectDefaultMetrics().stop();
        // Returns whether it was enabled.
        console.log(...made.map((monitor) => monitor.disable()));`),
    ).toBe('false false\n');
  });

  test('shares the collectors between two copies of promark', async () => {
    expect(
      await programs?.run(`
        const one = await import('./promark.mjs');
        const other = await import('./promark.mjs?copy');
        const first = one.collectDefaultMetrics();
        const count = one.register.getMetricsAsArray().length;
        const second = other.collectDefaultMetrics();
        const counts = [one.register.getMetricsAsArray().length - count];
        first.stop();
        counts.push(one.register.getMetricsAsArray().length - count);
        second.stop();
        counts.push(one.register.getMetricsAsArray().length);
        console.log(one.Registry === other.Registry, ...counts);`),
    ).toBe('false 0 0 0\n');
  });
});
