import { describe, expect, test } from '@jest/globals';
import { Counted, Counter, collectDefaultMetrics, GaugeFrom, HttpRecorder, InProgress, register, Timed } from 'promark';
import { sampleValue, withIsolatedRegistry } from 'promark/testing';

const before = new Counter({ name: 'before_total', help: 'Made before any isolation' });

class Shop {
  @Timed()
  @Counted({ name: 'shop_orders_total', labels: { tier: (tier: string) => tier } })
  @InProgress()
  async order(_tier: string): Promise<void> {}
}

class Queue {
  @GaugeFrom({ name: 'queue_jobs' })
  get size(): number {
    return 7;
  }
}

const ok = { class: 'Shop', method: 'order', result: 'ok' };

describe('withIsolatedRegistry', () => {
  test('refuses a body that is not a function, and leaves the registry as it is', async () => {
    before.inc();
    await expect(withIsolatedRegistry(5 as never)).rejects.toThrow('withIsolatedRegistry() takes a function, got 5.');
    await expect(withIsolatedRegistry(async () => 'next')).resolves.toBe('next');
    expect(register.getSingleMetric('before_total')).toBe(before);
  });

  test('starts with an empty registry and restores what was there', async () => {
    before.inc();
    register.setDefaultLabels({ app: 'x' });
    const value = await sampleValue(register, 'before_total', { app: 'x' });
    const returned = await withIsolatedRegistry(async (registry) => {
      expect(await registry.gather()).toEqual([]);
      new Counter({ name: 'before_total', help: 'Another of the same name' }).inc(40);
      expect(await sampleValue(registry, 'before_total')).toBe(40);
      return 'result';
    });
    expect(returned).toBe('result');
    expect(await sampleValue(register, 'before_total', { app: 'x' })).toBe(value);
    expect(register.getSingleMetric('before_total')).toBe(before);
    register.setDefaultLabels({});
  });

  test('restores default labels that are numbers in JSON', async () => {
    before.inc();
    register.setDefaultLabels({ shard: 3 });
    await withIsolatedRegistry(() => {});
    const objects = await register.getMetricsAsJSON();
    register.setDefaultLabels({});
    expect(objects.find(({ name }) => name === 'before_total')?.values[0].labels).toEqual({ shard: 3 });
  });

  test('has decorated classes record from 0, each time, and go on afterwards where they were', async () => {
    const shop = new Shop();
    await shop.order('gold');
    for (let i = 0; i < 2; i++) {
      await withIsolatedRegistry(async (registry) => {
        await shop.order('gold');
        await shop.order('gold');
        expect(await sampleValue(registry, 'method_duration_seconds_count', ok)).toBe(2);
        expect(await sampleValue(registry, 'shop_orders_total', { tier: 'gold', result: 'ok' })).toBe(2);
        expect(await sampleValue(registry, 'method_inprogress', { class: 'Shop', method: 'order' })).toBe(0);
      });
    }
    await shop.order('gold');
    expect(await sampleValue(register, 'method_duration_seconds_count', ok)).toBe(2);
    expect(await sampleValue(register, 'shop_orders_total', { tier: 'gold', result: 'ok' })).toBe(2);
  });

  test('shows the gauges of instances that the body creates', async () => {
    const outer = new Queue();
    await withIsolatedRegistry(async (registry) => {
      const inner = new Queue();
      expect(await sampleValue(registry, 'queue_jobs')).toBe(7);
      expect(inner.size).toBe(outer.size);
    });
    expect(await sampleValue(register, 'queue_jobs')).toBe(7);
  });

  test('lets default metrics and HTTP metrics be created anew, and stops those of the body', async () => {
    const outer = collectDefaultMetrics();
    const recorder = new HttpRecorder();
    await withIsolatedRegistry(async (registry) => {
      collectDefaultMetrics();
      new HttpRecorder();
      expect(registry.getSingleMetric('process_start_time_seconds')).toBeDefined();
      expect(registry.getSingleMetric('http_request_duration_seconds')).toBeDefined();
    });
    expect(recorder).toBeDefined();
    const shared = collectDefaultMetrics();
    outer.stop();
    expect(register.getSingleMetric('process_start_time_seconds')).toBeDefined();
    shared.stop();
    expect(register.getSingleMetric('process_start_time_seconds')).toBeUndefined();
  });

  test('restores the registry when the body throws, and counts faults apart', async () => {
    await expect(
      withIsolatedRegistry(async (registry) => {
        registry.faults.instrumentation('a test', new Error('on purpose'));
        expect(await sampleValue(registry, 'promark_instrumentation_errors_total', { where: 'a test' })).toBe(1);
        throw new RangeError('from the body');
      }),
    ).rejects.toThrow(RangeError);
    expect(register.getSingleMetric('before_total')).toBe(before);
    expect(await sampleValue(register, 'promark_instrumentation_errors_total', { where: 'a test' })).toBeUndefined();
  });

  test('may be nested, and refuses to overlap', async () => {
    await withIsolatedRegistry(async (registry) => {
      const outer = new Counter({ name: 'outer_total', help: 'o' });
      await withIsolatedRegistry(async () => expect(registry.getSingleMetric('outer_total')).toBeUndefined());
      expect(registry.getSingleMetric('outer_total')).toBe(outer);
    });
    let end = () => {};
    const first = withIsolatedRegistry(() => new Promise<void>((resolve) => (end = resolve)));
    await expect(withIsolatedRegistry(() => {})).rejects.toThrow('is already running');
    end();
    await first;
    await withIsolatedRegistry(() => {});
  });
});
