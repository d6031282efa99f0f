import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Histogram, Registry, ValueError } from 'promark';

const config = { name: 'job_seconds', help: 'Job time', registers: [] };

async function lines(metric: Histogram<any>): Promise<[le: unknown, value: number][]> {
  const { values } = await metric.get();
  return values.map(({ labels, value, metricName = '' }) => [
    labels.le ?? metricName.replace('job_seconds', ''),
    value,
  ]);
}

describe('a histogram', () => {
  test('counts cumulatively, a value equal to a bound included', async () => {
    const registry = new Registry();
    const seconds = new Histogram({ ...config, buckets: [0.1, 0.5, 1], registers: [registry] });
    for (const value of [0.05, 0.1, 0.3, 0.5, 1, 1.0000001, 100]) seconds.observe(value);
    expect(await registry.metrics()).toBe(
      [
        '# HELP job_seconds Job time',
        '# TYPE job_seconds histogram',
        'job_seconds_bucket{le="0.1"} 2',
        'job_seconds_bucket{le="0.5"} 4',
        'job_seconds_bucket{le="1.0"} 5',
        'job_seconds_bucket{le="+Inf"} 7',
        'job_seconds_sum 102.9500001',
        'job_seconds_count 7',
        '',
      ].join('\n'),
    );
  });

  test('without labels is on the page from the start', async () => {
    expect(await lines(new Histogram({ ...config, buckets: [1] }))).toEqual([
      [1, 0],
      ['+Inf', 0],
      ['_sum', 0],
      ['_count', 0],
    ]);
  });

  test('returns its values as prom-client does', async () => {
    const seconds = new Histogram({ ...config, buckets: [1], labelNames: ['a'] });
    seconds.observe({ a: 'x' }, 5);
    expect(await seconds.get()).toEqual({
      name: 'job_seconds',
      help: 'Job time',
      type: 'histogram',
      aggregator: 'sum',
      values: [
        { labels: { a: 'x', le: 1 }, value: 0, metricName: 'job_seconds_bucket', exemplar: null },
        { labels: { a: 'x', le: '+Inf' }, value: 1, metricName: 'job_seconds_bucket', exemplar: null },
        { labels: { a: 'x' }, value: 5, metricName: 'job_seconds_sum' },
        { labels: { a: 'x' }, value: 1, metricName: 'job_seconds_count' },
      ],
    });
  });

  test('puts every number into the first bucket whose bound it does not exceed', async () => {
    const bounds = fc.uniqueArray(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
      {
        maxLength: 40,
      },
    );
    const values = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(bounds, values, async (unsorted, observed) => {
        const buckets = unsorted.sort((a, b) => a - b);
        const seconds = new Histogram({ ...config, buckets });
        for (const value of [...observed, ...buckets]) seconds.observe(value);
        const all = [...observed, ...buckets];
        const counts = [...buckets, Number.POSITIVE_INFINITY].map(
          (bound) => all.filter((each) => each <= bound).length,
        );
        expect((await lines(seconds)).slice(0, counts.length).map(([, count]) => count)).toEqual(counts);
      }),
    );
  });

  test.each([0, -0, -5, 5e-324, 2 ** -1050, 1e308, -Number.MAX_VALUE])('accepts %p', async (value) => {
    const seconds = new Histogram({ ...config, buckets: [0] });
    seconds.observe(value);
    seconds.observe({}, value);
    seconds.labels().observe(value);
    expect((await lines(seconds)).slice(0, 2)).toEqual([
      [0, value <= 0 ? 3 : 0],
      ['+Inf', 3],
    ]);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, '5', '', 5n, null, undefined, true, [5]])(
    'refuses to observe %p in every form, and stays unchanged',
    async (wrong) => {
      const seconds = new Histogram({ ...config, buckets: [] });
      seconds.observe(1);
      const child = seconds.labels();
      for (const refused of [
        () => seconds.observe({}, wrong as number),
        () => child.observe(wrong as number),
        ...(Array.isArray(wrong) ? [] : [() => seconds.observe(wrong as number)]),
      ]) {
        expect(refused).toThrow(ValueError);
        expect(refused).toThrow('Histogram "job_seconds": observed value must be a finite number, got ');
      }
      expect(await lines(seconds)).toEqual([
        ['+Inf', 1],
        ['_sum', 1],
        ['_count', 1],
      ]);
    },
  );

  test('accepts null or undefined in place of labels', async () => {
    const seconds = new Histogram({ ...config, buckets: [] });
    (seconds as any).observe(undefined, 5);
    (seconds as any).observe(null, 2);
    expect((await lines(seconds)).slice(1)).toEqual([
      ['_sum', 7],
      ['_count', 2],
    ]);
  });

  test('can be on the page before it is observed', async () => {
    const seconds = new Histogram({ ...config, buckets: [], labelNames: ['a'] });
    seconds.zero({ a: 'x' });
    expect(await lines(seconds)).toEqual([
      ['+Inf', 0],
      ['_sum', 0],
      ['_count', 0],
    ]);
  });
});
