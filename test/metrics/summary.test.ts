import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Registry, Summary, ValueError } from 'promark';

const config = { name: 'rpc_seconds', help: 'RPC time', registers: [] };

/** The quantiles of a series by their rank, and its sum and count. */
async function read(metric: Summary<any>, wanted: object = {}): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const { labels, value, metricName = '' } of (await metric.get()).values) {
    const { quantile, ...own } = labels;
    if (JSON.stringify(own) === JSON.stringify(wanted))
      found[quantile ?? metricName.replace('rpc_seconds_', '')] = value;
  }
  return found;
}

describe('a summary', () => {
  test('has the ranks of prom-client by default', () => {
    expect(new Summary(config).percentiles).toEqual([0.01, 0.05, 0.5, 0.9, 0.95, 0.99, 0.999]);
    expect(new Summary({ ...config, percentiles: [1, 0.5, 0, 0.5] }).percentiles).toEqual([1, 0.5, 0]);
  });

  test('shows quantiles, sum and count', async () => {
    const registry = new Registry();
    const seconds = new Summary({ ...config, percentiles: [0.5, 1], labelNames: ['a'], registers: [registry] });
    seconds.observe({ a: 'x' }, 1);
    seconds.observe({ a: 'x' }, 2);
    seconds.labels('x').observe(3);
    expect(await registry.metrics()).toBe(
      [
        '# HELP rpc_seconds RPC time',
        '# TYPE rpc_seconds summary',
        'rpc_seconds{a="x",quantile="0.5"} 2',
        'rpc_seconds{a="x",quantile="1.0"} 3',
        'rpc_seconds_sum{a="x"} 6',
        'rpc_seconds_count{a="x"} 3',
        '',
      ].join('\n'),
    );
  });

  test('may have no quantiles', async () => {
    const seconds = new Summary({ ...config, percentiles: [] });
    seconds.observe(2);
    expect(await read(seconds)).toEqual({ sum: 2, count: 1 });
  });

  test('has NaN quantiles without observations', async () => {
    expect(await read(new Summary({ ...config, percentiles: [0, 0.5, 1] }))).toEqual({
      0: Number.NaN,
      0.5: Number.NaN,
      1: Number.NaN,
      sum: 0,
      count: 0,
    });
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, '5', 5n, null, undefined, true])(
    'refuses to observe %p in every form',
    async (wrong) => {
      const seconds = new Summary({ ...config, percentiles: [] });
      for (const refused of [
        () => seconds.observe(wrong as number),
        () => seconds.observe({}, wrong as number),
        () => seconds.labels().observe(wrong as number),
      ]) {
        expect(refused).toThrow(ValueError);
        expect(refused).toThrow('Summary "rpc_seconds": observed value must be a finite number, got ');
      }
      expect(await read(seconds)).toEqual({ sum: 0, count: 0 });
    },
  );

  test('accepts null or undefined in place of labels', async () => {
    const seconds = new Summary({ ...config, percentiles: [] });
    (seconds as any).observe(undefined, 5);
    (seconds as any).observe(null, 2);
    seconds.observe(0);
    expect(await read(seconds)).toEqual({ sum: 7, count: 3 });
  });

  test('does not keep the list that was passed', () => {
    const percentiles = [0.5];
    const seconds = new Summary({ ...config, percentiles });
    percentiles.push(0.9);
    expect(seconds.percentiles).toEqual([0.5]);
    expect(Object.isFrozen(percentiles)).toBe(false);
  });
});

describe('the window of a summary', () => {
  const windowed = { ...config, percentiles: [0, 1], maxAgeSeconds: 60, ageBuckets: 3 };

  beforeEach(() => {
    jest.useFakeTimers();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  test('forgets observations slice by slice as they age, while sum and count keep rising', async () => {
    const seconds = new Summary(windowed);
    for (const value of [1, 2, 3]) {
      seconds.observe(value);
      expect(await read(seconds)).toMatchObject({ 0: 1, 1: value });
      jest.advanceTimersByTime(20_000);
    }
    expect(await read(seconds)).toEqual({ 0: 2, 1: 3, sum: 6, count: 3 });
    jest.advanceTimersByTime(20_000);
    expect(await read(seconds)).toEqual({ 0: 3, 1: 3, sum: 6, count: 3 });
    jest.advanceTimersByTime(20_000);
    expect(await read(seconds)).toEqual({ 0: Number.NaN, 1: Number.NaN, sum: 6, count: 3 });
    seconds.observe(4);
    expect(await read(seconds)).toEqual({ 0: 4, 1: 4, sum: 10, count: 4 });
  });

  test('keeps an observation for at least two thirds of its length and at most the whole', async () => {
    for (let start = 0; start < 60_000; start += 3_001) {
      const seconds = new Summary(windowed);
      jest.advanceTimersByTime(start);
      seconds.observe(1);
      jest.advanceTimersByTime(40_000 - 1);
      expect(await read(seconds)).toMatchObject({ 0: 1 });
      jest.advanceTimersByTime(20_001);
      expect(await read(seconds)).toMatchObject({ 0: Number.NaN });
    }
  });

  test('forgets everything after a long pause, slices that its ring still holds included', async () => {
    for (const pause of [60_000, 61_000, 79_000, 100_000, 120_000, 140_000, 86_400_000 * 365]) {
      const seconds = new Summary(windowed);
      for (let slice = 0; slice < 3; slice++) {
        seconds.observe(slice);
        jest.advanceTimersByTime(20_000);
      }
      jest.advanceTimersByTime(pause);
      seconds.observe(9);
      expect(await read(seconds)).toEqual({ 0: 9, 1: 9, sum: 12, count: 4 });
    }
  });

  test('reads all its slices together', async () => {
    const seconds = new Summary({ ...windowed, percentiles: [0.5] });
    for (const value of [10, 20, 30, 40, 50]) seconds.observe(value);
    jest.advanceTimersByTime(20_000);
    for (const value of [1, 2]) seconds.observe(value);
    expect(await read(seconds)).toMatchObject({ 0.5: 20 });
  });

  test('of one slice is empty after that slice', async () => {
    const seconds = new Summary({ ...windowed, ageBuckets: 1 });
    seconds.observe(1);
    jest.advanceTimersByTime(60_000);
    expect(await read(seconds)).toMatchObject({ 0: Number.NaN });
  });

  test('never ends without maxAgeSeconds', async () => {
    const seconds = new Summary({ ...config, percentiles: [0.5], ageBuckets: 3 });
    seconds.observe(1);
    jest.advanceTimersByTime(86_400_000 * 1000);
    expect(await read(seconds)).toMatchObject({ 0.5: 1 });
  });

  test('holds an observation in one slice only, so it counts once', async () => {
    const seconds = new Summary({ ...windowed, percentiles: [0.5], ageBuckets: 10 });
    for (let i = 0; i < 100; i++) seconds.observe(i < 40 ? 1 : 2);
    jest.advanceTimersByTime(6_000);
    for (let i = 0; i < 100; i++) seconds.observe(i < 70 ? 1 : 2);
    // 110 of 200 values are 1: if older slices were counted twice, the median would be 2.
    expect((await read(seconds))[0.5]).toBeCloseTo(1, 1);
  });

  describe('when it is empty and pruneAgedBuckets is set', () => {
    const pruned = { ...windowed, pruneAgedBuckets: true, labelNames: ['a'] };

    test('takes its series off the page, which starts over when it is observed again', async () => {
      const seconds = new Summary(pruned);
      seconds.observe({ a: 'x' }, 1);
      jest.advanceTimersByTime(30_000);
      seconds.observe({ a: 'y' }, 2);
      jest.advanceTimersByTime(31_000);
      expect(await read(seconds, { a: 'x' })).toEqual({});
      expect(await read(seconds, { a: 'y' })).toEqual({ 0: 2, 1: 2, sum: 2, count: 1 });
      expect(seconds.seriesCount).toBe(1);
      seconds.observe({ a: 'x' }, 3);
      expect(await read(seconds, { a: 'x' })).toEqual({ 0: 3, 1: 3, sum: 3, count: 1 });
    });

    test('keeps what is observed on a child that was kept', async () => {
      const seconds = new Summary(pruned);
      const [one, two] = [seconds.labels('x'), seconds.labels('y')];
      one.observe(1);
      two.observe(1);
      for (let round = 0; round < 3; round++) {
        jest.advanceTimersByTime(100_000);
        expect((await seconds.get()).values).toEqual([]);
        seconds.labels('z').observe(5);
        one.observe(2);
        seconds.observe({ a: 'x' }, 4);
        one.startTimer()();
        expect(await read(seconds, { a: 'x' })).toEqual({ 0: 0, 1: 4, sum: 6, count: 3 });
        expect(await read(seconds, { a: 'y' })).toEqual({});
        expect(await read(seconds, { a: 'z' })).toEqual({ 0: 5, 1: 5, sum: 5, count: 1 });
      }
    });

    test('takes the series of a family without labels off as well', async () => {
      const seconds = new Summary({ ...windowed, pruneAgedBuckets: true });
      const child = seconds.labels();
      seconds.observe(1);
      jest.advanceTimersByTime(100_000);
      expect((await seconds.get()).values).toEqual([]);
      seconds.observe(2);
      child.observe(4);
      expect(await read(seconds)).toEqual({ 0: 2, 1: 4, sum: 6, count: 2 });
    });

    test('runs collect as well', async () => {
      let runs = 0;
      const seconds = new Summary({
        ...pruned,
        collect() {
          runs += 1;
          this.observe({ a: 'x' }, 1);
        },
      });
      await seconds.get();
      expect(await read(seconds, { a: 'x' })).toMatchObject({ count: 2 });
      expect(runs).toBe(2);
    });
  });

  test('is empty after reset, zero and removal', async () => {
    const seconds = new Summary({ ...windowed, labelNames: ['a'] });
    const child = seconds.labels('x');
    for (const back of [() => seconds.reset(), () => seconds.zero({ a: 'x' })]) {
      child.observe(1);
      back();
      expect(await read(seconds, { a: 'x' })).toEqual({ 0: Number.NaN, 1: Number.NaN, sum: 0, count: 0 });
      child.observe(5);
      expect(await read(seconds, { a: 'x' })).toEqual({ 0: 5, 1: 5, sum: 5, count: 1 });
    }
    seconds.remove('x');
    seconds.labels('y');
    child.observe(7);
    expect(await read(seconds, { a: 'y' })).toEqual({ 0: Number.NaN, 1: Number.NaN, sum: 0, count: 0 });
  });
});
