import { describe, expect, test } from '@jest/globals';
import { Counter, Gauge, Histogram, Registry, Summary } from 'promark';
import { finish, mirrored } from './mirrored.js';

/** A registry of families that an asynchronous `collect` fills in steps, and what another thread reads. */
function updating(options: { collectTimeoutMs?: number } = {}) {
  const registry = new Registry({ ...options, logger: { warn() {} } });
  const config = <N extends string>(name: N) => ({
    name,
    help: name,
    labelNames: ['id'] as const,
    registers: [registry],
  });
  const steps: (() => void)[] = [];
  const step = () => new Promise<void>((resolve) => steps.push(resolve));
  let round = 0;
  const histogram = new Histogram({ ...config('histogram'), native: true, enableExemplars: true });
  const summary = new Summary({ ...config('summary'), maxAgeSeconds: 1e6 });
  const fill = (id: number) => {
    gauge.set({ id }, round);
    histogram.observe({ id }, round, { trace_id: `${round}` });
    summary.observe({ id }, round);
  };
  const gauge: Gauge<'id'> = new Gauge({
    ...config('gauge'),
    async collect() {
      round += 1;
      for (const metric of [gauge, histogram, summary]) metric.reset();
      await step();
      for (let id = round; id < round + 3; id++) {
        fill(id);
        await step();
      }
    },
  });
  histogram.collect = step;
  summary.collect = step;
  const mirror = mirrored(registry);
  return {
    registry,
    mirror,
    gauge,
    /** Lets pending work take its next step. */
    async next() {
      for (const go of steps.splice(0)) go();
      await new Promise<void>((resolve) => setImmediate(resolve));
    },
  };
}

/** The lines of the gauge on the mirror's page, sorted. */
const lines = async ({ mirror }: ReturnType<typeof updating>) =>
  (await mirror.page())
    .split('\n')
    .filter((line) => line.startsWith('gauge{'))
    .sort();

const gaugeOf = (round: number) => [0, 1, 2].map((i) => `gauge{id="${round + i}"} ${round}`);

describe('a collect that resets a family, waits, and sets its series again', () => {
  test.each([false, true])(
    'is seen elsewhere when it is over; with the journal rewritten meanwhile: %s',
    async (rewritten) => {
      const metrics = updating();
      for (let round = 1; round < 5; round++) {
        const prepared = metrics.registry.prepare();
        for (let i = 0; i < 4; i++) {
          if (round > 1) expect(await lines(metrics)).toEqual(gaugeOf(round - 1));
          if (rewritten) finish(metrics.mirror.publication.rewriting());
          if (round > 1) expect(await lines(metrics)).toEqual(gaugeOf(round - 1));
          await metrics.next();
        }
        await prepared;
        expect(await lines(metrics)).toEqual(gaugeOf(round));
      }
    },
  );

  test('is visible as far as it got if it exceeds the time limit', async () => {
    const metrics = updating({ collectTimeoutMs: 10 });
    const { selected, metrics: fresh } = await metrics.registry.prepare();
    expect(fresh).not.toContain(metrics.gauge);
    expect(selected).toContain(metrics.gauge);
    metrics.gauge.set({ id: 'meanwhile' }, 1);
    expect(await lines(metrics)).toEqual(['gauge{id="meanwhile"} 1']);
  });

  test('does not start while a page of the same registry is being rendered', async () => {
    const registry = new Registry({ maxSeries: 0 });
    const wide = new Counter({ name: 'a_total', help: 'a', labelNames: ['id'], registers: [registry] });
    for (let id = 0; id < 30_000; id++) wide.inc({ id });
    const gauge: Gauge<'id'> = new Gauge({
      name: 'gauge',
      help: 'g',
      labelNames: ['id'] as const,
      registers: [registry],
      async collect() {
        gauge.reset();
        await new Promise<void>((resolve) => setImmediate(resolve));
        for (let id = 0; id < 3; id++) gauge.set({ id }, 1);
      },
    });
    const scrape = async () => {
      for (let i = 0; i < 5; i++) {
        wide.inc({ id: `new ${Math.random()}` });
        expect((await registry.metrics()).match(/^gauge\{/gm)).toHaveLength(3);
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
    };
    await Promise.all([scrape(), scrape(), scrape()]);
  });
});
