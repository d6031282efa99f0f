import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import {
  Counter,
  type FamilySnapshot,
  Gauge,
  Histogram,
  Info,
  nativeUpperBound,
  Registry,
  type Sample,
  StateSet,
  Summary,
} from 'promark';
import { mirrored } from '../replica/mirrored.js';
import { sampleLines } from '../support/page.js';

const ACCEPT = 'application/openmetrics-text;version=2.0.0';
const START = 1_700_000_000_250;

beforeEach(() => void jest.useFakeTimers({ now: START }));
afterEach(() => void jest.useRealTimers());

/** The lines of a page that are not metadata. */
async function lines(registry: Registry): Promise<string[]> {
  const { text } = await registry.render(ACCEPT);
  expect(text.endsWith('# EOF\n')).toBe(true);
  return sampleLines(text);
}

test('2.0.0 is served only on request, and only if it is enabled', async () => {
  const typeFor = async (accept: string, openMetrics2?: boolean) => {
    const registry = new Registry(openMetrics2 === undefined ? {} : { openMetrics2 });
    return (await registry.render(accept)).contentType;
  };
  expect(await typeFor(ACCEPT, true)).toBe(
    'application/openmetrics-text; version=2.0.0; charset=utf-8; escaping=underscores',
  );
  expect(await typeFor(ACCEPT)).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(await typeFor(ACCEPT, false)).toMatch(/^text\/plain/);
  expect(await typeFor(`${ACCEPT},application/openmetrics-text;version=1.0.0;q=0.5`)).toMatch(/version=1\.0\.0/);
  for (const other of ['application/openmetrics-text', 'application/openmetrics-text;version=1.0.0', '*/*']) {
    expect(await typeFor(other, true)).not.toMatch(/2\.0\.0/);
  }
});

test('shows every type, each sample under the name of its family', async () => {
  const registry = new Registry({ openMetrics2: true, defaultLabels: { app: 'x' }, prefix: 'p_' });
  const registers = [registry];
  new Counter({ name: 'a_seconds', help: 'A "b"', unit: 'seconds', registers }).inc(2);
  new Gauge({ name: 'g', help: 'G', registers }).set(-1.5);
  new Info({ name: 'i', help: 'I', registers }).info({ version: '1' });
  new StateSet({ name: 's', help: 'S', states: ['on', 'off'], registers });
  const { text } = await registry.render(ACCEPT);
  expect(text).toBe(
    [
      '# TYPE p_a_seconds counter',
      '# UNIT p_a_seconds seconds',
      '# HELP p_a_seconds A \\"b\\"',
      'p_a_seconds{app="x"} 2 st@1700000000.25',
      '# TYPE p_g gauge',
      '# HELP p_g G',
      'p_g{app="x"} -1.5',
      '# TYPE p_i_info info',
      '# HELP p_i_info I',
      'p_i_info{version="1",app="x"} 1',
      '# TYPE p_s stateset',
      '# HELP p_s S',
      'p_s{p_s="on",app="x"} 1',
      'p_s{p_s="off",app="x"} 0',
      '# EOF',
      '',
    ].join('\n'),
  );
});

test('writes histograms and summaries as one value each', async () => {
  const registry = new Registry({ openMetrics2: true });
  const registers = [registry];
  const labelNames = ['a'] as const;
  const summary = new Summary({ name: 's', help: 'S', labelNames, percentiles: [0.5, 0.99], registers });
  const histogram = new Histogram({ name: 'h', help: 'H', labelNames, buckets: [0.5, 1e6], registers });
  for (const value of [0.25, 3]) {
    summary.observe({ a: 'x' }, value);
    histogram.observe({ a: 'x' }, value);
  }
  expect(await lines(registry)).toEqual([
    's{a="x"} {count:2,sum:3.25,quantile:[0.5:0.25,0.99:3]} st@1700000000.25',
    'h{a="x"} {count:2,sum:3.25,bucket:[0.5:1,1e+06:2,+Inf:2]} st@1700000000.25',
  ]);
});

test('writes native buckets before classic ones, as counts and not as differences', async () => {
  const registry = new Registry({ openMetrics2: true });
  const registers = [registry];
  const native = { schema: 0, zeroThreshold: 0.0001 };
  const only = new Histogram({ name: 'only', help: 'O', native, buckets: false, registers });
  const both = new Histogram({ name: 'both', help: 'B', native, buckets: [1, 4], registers });
  for (const histogram of [only, both]) {
    for (const index of [0, 1, 1, 4, 9]) histogram.observe(nativeUpperBound(0, index));
    histogram.observe(-2);
    histogram.observe(0);
  }
  new Histogram({ name: 'none', help: 'N', native, buckets: false, registers });
  const fields =
    'count:7,sum:531,schema:0,zero_threshold:0.0001,zero_count:1,' +
    'negative_spans:[1:1],negative_buckets:[1],positive_spans:[0:5,4:1],positive_buckets:[1,2,0,0,1,1]';
  expect(await lines(registry)).toEqual([
    `only {${fields}} st@1700000000.25`,
    `both {${fields},bucket:[1.0:3,4.0:5,+Inf:7]} st@1700000000.25`,
    'none {count:0,sum:0,schema:0,zero_threshold:0.0001,zero_count:0} st@1700000000.25',
  ]);
});

test('appends exemplars with their times: those of classic buckets if there are any, else the native ones', async () => {
  const registry = new Registry({ openMetrics2: true });
  const traced = { help: 'T', registers: [registry], enableExemplars: true };
  new Counter({ name: 'c_total', ...traced }).inc(3, { trace_id: 'c' });
  new Histogram({ name: 'h', native: true, buckets: [1], ...traced }).observe(0.5, { trace_id: 'h' });
  const native = new Histogram({ name: 'n', native: { schema: 0 }, buckets: false, ...traced });
  native.observe(0.5, { trace_id: 'n' });
  native.observe(0.25, { trace_id: 'm' });
  const found = await lines(registry);
  expect(found[0]).toBe('c_total 3 st@1700000000.25 # {trace_id="c"} 3 1700000000.25');
  expect(found[1]).toMatch(/bucket:\[1\.0:1,\+Inf:1\]\} st@1700000000\.25 # \{trace_id="h"\} 0\.5 1700000000\.25$/);
  expect(found[2]).toMatch(/positive_buckets:\[1,1\]\} st@1700000000\.25 # \{trace_id="m"\} 0\.25 1700000000\.25$/);
});

test('shows what collectors yield, with timestamps', async () => {
  const registry = new Registry({ openMetrics2: true });
  const samples: Sample[] = [
    { name: 'x_gcount', labels: {}, value: 4 },
    { name: 'x_gsum', labels: {}, value: 2 },
    { name: 'x_bucket', labels: { le: '+Inf' }, value: 4, timestamp: 5000 },
  ];
  const families: FamilySnapshot[] = [
    { name: 'x', type: 'gaugehistogram', help: 'X', unit: '', samples },
    {
      name: 'y',
      type: 'unknown',
      help: 'Y',
      unit: '',
      samples: [{ name: 'y', labels: {}, value: 1, timestamp: 1500 }],
    },
  ];
  registry.registerCollector({ name: 'c', collect: () => families });
  expect(await lines(registry)).toEqual(['x {gcount:4,gsum:2,bucket:[+Inf:4]}', 'y 1 1.5']);
});

test('a server in its own thread serves it as well', async () => {
  const registry = new Registry({ openMetrics2: true });
  new Histogram({ name: 'h', help: 'H', native: true, registers: [registry] }).observe(1);
  const { page, end } = mirrored(registry);
  expect(await page(ACCEPT)).toBe((await registry.render(ACCEPT)).text);
  end();
});
