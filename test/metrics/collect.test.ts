import { describe, expect, jest, test } from '@jest/globals';
import { Counter, Gauge, Histogram, Info, Registry, StateSet, Summary } from 'promark';

const config = { help: 'X', labelNames: ['a'] } as const;

describe('collect', () => {
  test('runs before every page and every get, with the metric as this', async () => {
    const registry = new Registry();
    const seen: unknown[] = [];
    const gauge: Gauge<'a'> = new Gauge({
      ...config,
      name: 'g',
      registers: [registry],
      collect() {
        seen.push(this);
        this.set({ a: 'x' }, seen.length);
      },
    });
    expect(await registry.metrics()).toContain('g{a="x"} 1\n');
    expect((await gauge.get()).values).toEqual([{ labels: { a: 'x' }, value: 2 }]);
    expect((await registry.getMetricsAsJSON())[0].values).toMatchObject([{ value: 3 }]);
    expect(await registry.getSingleMetricAsString('g')).toContain('g{a="x"} 4');
    expect((await registry.gather())[0].samples).toMatchObject([{ value: 5 }]);
    expect(seen).toEqual([gauge, gauge, gauge, gauge, gauge]);
  });

  test('is awaited if it is async', async () => {
    const registry = new Registry();
    new Histogram({
      ...config,
      name: 'h',
      buckets: [],
      registers: [registry],
      async collect() {
        await new Promise((resolve) => setImmediate(resolve));
        this.observe({ a: 'x' }, 1);
      },
    });
    expect(await registry.metrics()).toContain('h_count{a="x"} 1\n');
  });

  test('may be a method or a field of a subclass, and be replaced', async () => {
    const registry = new Registry();
    class Depth extends Gauge {
      override collect(): void {
        this.inc();
      }
    }
    class Jobs extends Counter {
      override collect = () => this.inc();
    }
    class Build extends Info {
      override collect(): void {
        this.info({ version: '1' });
      }
    }
    const depth = new Depth({ name: 'depth', help: 'D', registers: [registry] });
    const jobs = new Jobs({ name: 'jobs_total', help: 'J', registers: [registry] });
    new Build({ name: 'build', help: 'B', registers: [registry] });
    expect(await registry.metrics()).toMatch(/depth 1\n[\s\S]*jobs_total 1\n[\s\S]*build_info\{version="1"\} 1\n/);
    depth.collect = () => depth.set(5);
    jobs.collect = () => jobs.inc(5);
    expect(await registry.metrics()).toMatch(/depth 5\n[\s\S]*jobs_total 6\n/);
    const spy = jest.spyOn(depth, 'collect').mockImplementation(() => depth.set(7));
    expect(await registry.metrics()).toContain('depth 7\n');
    spy.mockRestore();
    expect(await registry.metrics()).toContain('depth 5\n');
  });

  test('is an option of every metric', async () => {
    const registry = new Registry();
    const where = { ...config, registers: [registry] };
    new Counter({
      ...where,
      name: 'c_total',
      collect() {
        this.inc({ a: 'x' });
      },
    });
    new Summary({
      ...where,
      name: 's',
      percentiles: [],
      collect() {
        this.observe({ a: 'x' }, 1);
      },
    });
    new StateSet({
      ...where,
      name: 't',
      states: ['off', 'on'],
      collect() {
        this.state({ a: 'x' }, 'on');
      },
    });
    const page = await registry.metrics();
    for (const line of ['c_total{a="x"} 1\n', 's_count{a="x"} 1\n', 't{a="x",t="on"} 1\n'])
      expect(page).toContain(line);
  });

  test('that throws or rejects makes get reject, and a page lose only its family', async () => {
    const registry = new Registry({ logger: { warn() {} } });
    const where = { ...config, registers: [registry] };
    const error = new Error('no');
    const sync = new Gauge({
      ...where,
      name: 'sync',
      collect() {
        throw error;
      },
    });
    const later = new Gauge({ ...where, name: 'later', collect: () => Promise.reject(error) });
    new Gauge({ ...where, name: 'fine' }).set({ a: 'x' }, 1);
    await expect(sync.get()).rejects.toBe(error);
    await expect(later.get()).rejects.toBe(error);
    sync.set({ a: 'x' }, 1);
    const page = await registry.metrics();
    expect(page).toContain('fine{a="x"} 1\n');
    expect(page).not.toContain('sync{');
    expect(page).toContain('promark_collect_errors_total{family="sync"} 1\n');
    expect(page).toContain('promark_collect_errors_total{family="later"} 1\n');
  });

  test('may be set later', async () => {
    const gauge = new Gauge({ name: 'g', help: 'G', registers: [] });
    gauge.collect = () => gauge.set(5);
    expect((await gauge.get()).values[0].value).toBe(5);
  });

  test('may remove and add series', async () => {
    const registry = new Registry();
    let round = 0;
    new Gauge({
      ...config,
      name: 'g',
      registers: [registry],
      collect() {
        this.removeMatching({});
        round += 1;
        this.set({ a: String(round) }, round);
      },
    });
    await registry.metrics();
    expect((await registry.metrics()).split('\n').slice(2)).toEqual(['g{a="2"} 2', '']);
  });
});
