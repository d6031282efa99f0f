import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import {
  Counter,
  collectDefaultMetrics,
  Gauge,
  gaugeFamily,
  HeapStore,
  Histogram,
  Info,
  type MetricsServer,
  Registry,
  Summary,
} from 'promark';
import { ask } from '../../support/http-client.js';
import { valuesByName } from '../../support/page.js';
import { until } from '../../support/until.js';
import { buildPrograms } from '../programs.js';
import { closeAll, start } from '../servers.js';
import { page } from './page.js';
import { type ReleaseFile, releaseFile } from './release-file.js';

describe('a program none of whose metrics needs its main thread', () => {
  let programs: Awaited<ReturnType<typeof buildPrograms>>;
  let gate: ReleaseFile;

  beforeAll(async () => {
    gate = await releaseFile();
    programs = await buildPrograms('test/exporters/thread/self-contained.program.ts');
  });

  afterAll(async () => {
    await programs?.remove();
    await gate?.remove();
  });

  test('is scraped with its current values while the main thread is blocked, without waiting for it', async () => {
    const { url, process } = await programs.start('self-contained.program.ts', gate.env);
    try {
      const scrape = async () => valuesByName((await ask(url)).body.toString());
      const before = await scrape();
      process.kill('SIGUSR2');
      const counting = await until('the main thread to count', async () => {
        const values = await scrape();
        return (values.get('turns_total') ?? 0) > 0 ? values : undefined;
      });
      const names = ['turns_total', 'turn_seconds_count', 'turn_size_count', 'level'];
      const later = await until('all metrics to rise', async () => {
        const values = await scrape();
        const rises = (name: string) => Number(values.get(name)) > Number(counting.get(name));
        return names.every(rises) ? values : undefined;
      });
      expect(later.get('build_info')).toBe(before.get('build_info'));
      await gate.release();
      expect((await scrape()).get('turns_total')).toBeGreaterThanOrEqual(Number(later.get('turns_total')));
    } finally {
      process.kill('SIGKILL');
    }
  });
});

describe("the server's thread asks the main thread before a page", () => {
  let registry: Registry;
  let gauge: Gauge;
  let labeled: Gauge<'a'>;
  let histogram: Histogram;
  let native: Histogram;
  let info: Info;
  let server: MetricsServer;
  let asked: jest.Spied<Registry['prepare']>;

  beforeEach(async () => {
    registry = new Registry({ logger: { warn() {} } });
    const registers = [registry];
    gauge = new Gauge({ name: 'g', help: 'G', registers });
    labeled = new Gauge({ name: 'labeled', help: 'L', labelNames: ['a'], registers });
    histogram = new Histogram({ name: 'h', help: 'H', enableExemplars: true, registers });
    native = new Histogram({ name: 'n', help: 'N', native: { maxBuckets: 2, minResetSeconds: 3600 }, registers });
    info = new Info({ name: 'build', help: 'B', registers });
    server = await start({ registry, thread: true });
    asked = jest.spyOn(registry, 'prepare');
    await pagesAlone();
  });

  afterEach(closeAll);

  /** Resolves once a page was rendered without asking. */
  async function pagesAlone(): Promise<void> {
    await until('a page without asking', async () => {
      asked.mockClear();
      await page(server.url);
      return asked.mock.calls.length === 0 ? true : undefined;
    });
  }

  /** The page, for which the main thread must be asked. */
  async function askedPage(accept?: string): Promise<string> {
    asked.mockClear();
    const text = await page(server.url, accept);
    expect(asked).toHaveBeenCalledTimes(1);
    return text;
  }

  const reasons: [string, () => void, RegExp][] = [
    ['a gauge takes its value from a function', () => gauge.setFunction(() => 7), /^g 7$/m],
    ['a series does', () => labeled.labels('x').setFunction(() => 7), /^labeled\{a="x"\} 7$/m],
    [
      'a metric gets a collect',
      () => {
        gauge.collect = () => gauge.set(7);
      },
      /^g 7$/m,
    ],
    [
      'an info does',
      () => {
        info.collect = () => info.info({ version: '7' });
      },
      /^build_info\{version="7"\} 1$/m,
    ],
    [
      'a metric with a collect appears',
      () => {
        new Gauge({
          name: 'late',
          help: 'L',
          collect() {
            this.set(7);
          },
          registers: [registry],
        });
      },
      /^late 7$/m,
    ],
    [
      'a metric whose class has a collect appears',
      () => {
        class Late extends Gauge {
          constructor() {
            super({ name: 'late', help: 'L', registers: [registry] });
            // As a field of a class does.
            Object.defineProperty(this, 'collect', { value: () => this.set(7) });
          }
        }
        new Late();
      },
      /^late 7$/m,
    ],
    [
      'a summary that drops old series appears',
      () => {
        new Summary({ name: 's', help: 'S', maxAgeSeconds: 60, pruneAgedBuckets: true, registers: [registry] }).observe(
          7,
        );
      },
      /^s_sum 7$/m,
    ],
    [
      'a collector is registered',
      () => registry.registerCollector({ name: 'c', collect: () => [gaugeFamily('c', 'C', 7)] }),
      /^c 7$/m,
    ],
    [
      'a metric of another library is registered',
      () =>
        registry.registerMetric({ name: 'other', type: 'gauge', get: () => ({ values: [{ labels: {}, value: 7 }] }) }),
      /^other 7$/m,
    ],
    [
      'default metrics are collected',
      () => void collectDefaultMetrics({ register: registry }),
      /^process_cpu_seconds_total \d/m,
    ],
    [
      'a metric whose cells are on the heap is registered',
      () => {
        const registers = [new Registry({ store: new HeapStore() }), registry];
        new Gauge({ name: 'on_heap', help: 'H', registers }).set(7);
      },
      /^on_heap 7$/m,
    ],
    ['values of other threads are merged', () => registry.setMerging({ merge: async (own) => own }), /^g 0$/m],
    [
      'a native histogram waits for its reset',
      () => {
        for (let value = 1; value < 1e9; value *= 10) native.observe(value);
      },
      /^n_count 9$/m,
    ],
  ];

  test.each(reasons)('when %s', async (_, change, line) => {
    change();
    expect(await askedPage()).toMatch(line);
    expect(await page(server.url)).toMatch(line);
  });

  test('when an exemplar was recorded', async () => {
    histogram.observe(0.3, { trace_id: 'abc' });
    expect(await askedPage('application/openmetrics-text')).toContain('# {trace_id="abc"} 0.3');
    await pagesAlone();
    expect(await page(server.url, 'application/openmetrics-text')).toContain('# {trace_id="abc"} 0.3');
    expect(asked).not.toHaveBeenCalled();
  });

  test('and no longer when nothing needs it', async () => {
    const collector = { name: 'c', collect: () => [gaugeFamily('c', 'C', 7)] };
    registry.registerCollector(collector);
    gauge.setFunction(() => 8);
    expect(await askedPage()).toMatch(/^g 8$[\s\S]*^c 7$/m);
    registry.removeCollector(collector);
    gauge.setFunction(undefined);
    await pagesAlone();
    expect(await page(server.url)).toBe(await registry.metrics());
  });

  test('and not for what is recorded, nor for new families and series', async () => {
    const counter = new Counter({ name: 'late_total', help: 'L', labelNames: ['a'], registers: [registry] });
    counter.inc({ a: 'x' });
    await page(server.url);
    await pagesAlone();
    counter.inc({ a: 'x' });
    counter.inc({ a: 'y' }, 3);
    counter.remove('x');
    info.info({ version: '1' });
    registry.setDefaultLabels({ app: 'shop' });
    expect(await page(server.url)).toBe(await registry.metrics());
    await pagesAlone();
    expect(await page(server.url)).toBe(await registry.metrics());
  });
});
