import {
  Counter,
  counterFamily,
  type FamilySnapshot,
  Gauge,
  gaugeFamily,
  HeapStore,
  Histogram,
  Info,
  nativeUpperBound,
  Registry,
  type RegistryOptions,
  StateSet,
  Summary,
} from 'promark';

/** Strings that a format escapes, quotes or drops, or that could break a line. */
const HOSTILE = [
  '',
  ' ',
  '"',
  '\\',
  '\n',
  '\r\n',
  '\0\t\x1b',
  '\\n"\\\\"',
  'ä ß € 漢字 👩‍🚀',
  '\u2028\u2029\ufeff\u202e',
  '{a="b"} 1 # {c="d"} 2',
  '# EOF',
  'U__e4_',
];

const NUMBERS = [0, -0, 1, 0.1 + 0.2, 1e21, 5e-324, 2 ** 53, 123456789.125, 1 / 3, -1e-7, NaN, Infinity, -Infinity];

const START = 1_700_000_000_250;

/** Two registries: one as it is by default, one with all that changes names, labels and lines. */
export const REGISTRIES: { readonly [name: string]: RegistryOptions } = {
  plain: { openMetrics2: true },
  dressed: {
    openMetrics2: true,
    created: true,
    prefix: 'ä.p_',
    defaultLabels: { zone: '"\n', 'dé.p': true, a: 5, gone: null },
  },
};

/** Runs a function at a given time, in milliseconds after the start. */
function at<T>(offset: number, work: () => T): T {
  const { now } = Date;
  Date.now = () => START + offset;
  try {
    return work();
  } finally {
    Date.now = now;
  }
}

/**
 * A registry with a metric of every type and option. Every value is fixed and so is every time: `later` records on, so
 * that pages made before and after differ in some lines of each family.
 */
export function everyOption(options: RegistryOptions): { registry: Registry; names: string[]; later: () => void } {
  const registry = new Registry({ ...options, logger: { warn() {} } });
  const steps = at(0, () => [
    counters(registry),
    gauges(registry),
    histograms(registry),
    natives(registry),
    summaries(registry),
    states(registry),
    infos(registry),
  ]);
  registry.registerCollector({ name: 'elsewhere', collect: () => collected() });
  const names = [
    ...registry.getMetricsAsArray().map(({ name }) => name),
    ...collected().map(({ name }) => name),
    'promark_overflow_total',
  ];
  return {
    registry,
    names: names.map((name) => `${options.prefix ?? ''}${name}`),
    later: () =>
      at(60_000, () => {
        for (const step of steps) step();
      }),
  };
}

type Later = () => void;

function counters(registry: Registry): Later {
  const registers = [registry];
  const plain = new Counter({ name: 'requests', help: 'Without _total, "quoted" \\ and\nof two lines', registers });
  const untouched = new Counter({ name: 'untouched_total', help: ' ', registers });
  const unit = new Counter({ name: 'busy_seconds_total', help: 'Unit', unit: 'seconds', registers });
  const hostile = new Counter({
    name: 'hostile_total',
    help: 'Hostile label values',
    labelNames: ['a', 'b'],
    registers,
  });
  const dotted = new Counter({
    name: 'http.server.requests_total',
    help: 'A name that is quoted',
    labelNames: ['http.method', 'größe', 'a__b'],
    enableExemplars: true,
    registers,
  });
  const full = new Counter({ name: 'full_total', help: 'Full', labelNames: ['id'], maxSeries: 2, registers });
  const coming = new Counter({ name: 'coming_total', help: 'Comes and goes', labelNames: ['id'], registers });
  plain.inc(3);
  unit.inc(0.25);
  for (const [i, a] of HOSTILE.entries()) hostile.inc({ a, b: HOSTILE[HOSTILE.length - 1 - i] }, i + 0.5);
  hostile.inc({ a: 1, b: true });
  dotted.inc({
    labels: { 'http.method': 'GET', größe: 'ä', a__b: '' },
    value: 2,
    exemplarLabels: { trace_id: 'x"\n' },
  });
  dotted.inc({ 'http.method': 'PUT', größe: '', a__b: 'U__' }, 1e15);
  for (const id of [1, 2, 3, 4]) full.inc({ id });
  for (const id of ['x', 'y', 'z']) coming.inc({ id });
  return () => {
    plain.inc(1e6);
    hostile.inc({ a: '', b: 'U__e4_' }, 4);
    dotted.labels('GET', 'ä', '').inc(1, { span_id: '7', empty: '' });
    full.inc({ id: 9 });
    coming.remove('y');
    coming.inc({ id: 'late' }, 8);
    untouched.reset();
  };
}

function gauges(registry: Registry): Later {
  const registers = [registry];
  const numbers = new Gauge({ name: 'numbers', help: 'Numbers of all kinds', labelNames: ['n'], registers });
  const bytes = new Gauge({ name: 'heap_bytes', help: 'Unit', unit: 'bytes', registers });
  const utf8 = new Gauge({ name: 'temperatur.außen', help: 'Außen', labelNames: ['ort'], registers });
  const here = new Gauge({ name: 'asked', help: 'Asked at a scrape', collect: () => void here.set(4.5), registers });
  const clock = new Gauge({ name: 'last_run_seconds', help: 'A time', registers });
  const onHeap = new Gauge({
    name: 'on_heap',
    help: 'In no shared memory',
    labelNames: ['a'],
    registers: [new Registry({ store: new HeapStore() }), registry],
  });
  for (const [n, value] of NUMBERS.entries()) numbers.set({ n }, value);
  here.set(4);
  bytes.set(1e9);
  utf8.set({ ort: 'Köln' }, -3.5);
  clock.setToCurrentTime();
  onHeap.set({ a: 'own' }, 1);
  return () => {
    for (const [n, value] of NUMBERS.entries()) if (n % 3 === 0) numbers.set({ n: NUMBERS.length - n }, value);
    bytes.dec(0.5);
    utf8.inc({ ort: 'Brühl' });
    clock.setToCurrentTime();
    onHeap.set({ a: '' }, 2);
  };
}

function histograms(registry: Registry): Later {
  const registers = [registry];
  const standard = new Histogram({ name: 'job_seconds', help: 'Default buckets', unit: 'seconds', registers });
  const labeled = new Histogram({
    name: 'size.größe',
    help: 'Own buckets',
    labelNames: ['a', 'kind.of'],
    buckets: [-1, 0, 0.1 + 0.2, 1e21],
    enableExemplars: true,
    registers,
  });
  standard.observe(0.02);
  standard.observe(99);
  for (const value of [-2, -0.5, 0.2, 7, 1e30]) {
    labeled.observe({ a: '"', 'kind.of': 'x' }, value, { trace_id: `t${value}` });
  }
  labeled.labels('', '').observe(3);
  labeled.zero({ a: 'zero', 'kind.of': '' });
  return () => {
    standard.observe(0.3);
    labeled.observe({ labels: { a: '"', 'kind.of': 'x' }, value: 0.15, exemplarLabels: { trace_id: 'later' } });
  };
}

function natives(registry: Registry): Later {
  const registers = [registry];
  const only = new Histogram({
    name: 'native_only',
    help: 'No classic buckets',
    native: true,
    buckets: false,
    registers,
  });
  const both = new Histogram({
    name: 'native.both',
    help: 'Both',
    labelNames: ['a'],
    native: { schema: 2, zeroThreshold: 0.01 },
    buckets: [0.1, 1],
    enableExemplars: true,
    registers,
  });
  const narrow = new Histogram({
    name: 'native_narrow',
    help: 'Narrowed',
    native: { factor: 1.05, maxBuckets: 4, maxZeroThreshold: 0.5 },
    buckets: [0],
    registers,
  });
  const empty = new Histogram({
    name: 'native_empty',
    help: 'Nothing observed',
    native: true,
    buckets: false,
    registers,
  });
  for (const value of [0, 1e-200, 0.001, 0.5, 1, 2, -2, 1000, Infinity, NaN]) only.observe(value);
  for (const value of [0.005, 0.2, 0.9, 5, 5.1, -7]) both.observe({ a: 'ä' }, value, { trace_id: `n${value}` });
  for (let i = -8; i < 8; i++) narrow.observe(i / 3);
  return () => {
    only.observe(64);
    both.observe({ a: 'ä' }, 0.21, { trace_id: 'again' });
    both.observe({ a: 'new' }, 3);
    narrow.observe(1e6);
    empty.reset();
  };
}

function summaries(registry: Registry): Later {
  const registers = [registry];
  const standard = new Summary({ name: 'rpc_seconds', help: 'Default quantiles', unit: 'seconds', registers });
  const labeled = new Summary({
    name: 'rpc.size',
    help: 'Own quantiles',
    labelNames: ['a'],
    percentiles: [0, 0.5, 0.999, 1],
    registers,
  });
  const recent = new Summary({ name: 'recent', help: 'A window', maxAgeSeconds: 1e7, ageBuckets: 3, registers });
  const pruned = new Summary({
    name: 'pruned',
    help: 'Empty windows leave',
    labelNames: ['a'],
    maxAgeSeconds: 1e7,
    pruneAgedBuckets: true,
    registers,
  });
  const silent = new Summary({ name: 'silent', help: 'Nothing observed', percentiles: [0.5], registers });
  for (let i = 1; i <= 300; i++) {
    standard.observe(i / 7);
    labeled.observe({ a: i % 3 === 0 ? '\n' : 'ö' }, i * i);
  }
  for (const value of [-3, 0, 2.5, 1e9]) recent.observe(value);
  pruned.observe({ a: 'seen' }, 1);
  pruned.labels('never');
  return () => {
    standard.observe(1e3);
    labeled.observe({ a: 'late' }, 1 / 3);
    recent.observe(4);
    silent.reset();
  };
}

function states(registry: Registry): Later {
  const registers = [registry];
  const plain = new StateSet({ name: 'task_state', help: 'State', states: ['starting', 'running'], registers });
  const dotted = new StateSet({
    name: 'node.état',
    help: 'État',
    labelNames: ['a'],
    states: ['on', 'o"f\nf', 'inconnu·é'],
    registers,
  });
  dotted.state({ a: 'x' }, 'o"f\nf');
  dotted.labels('y');
  return () => {
    plain.state('running');
    dotted.state({ a: 'y' }, 'inconnu·é');
  };
}

function infos(registry: Registry): Later {
  const registers = [registry];
  const build = new Info({ name: 'build', help: 'Build', registers });
  const parts = new Info({ name: 'teil.info', help: 'Parts', labelNames: ['a'], registers });
  new Info({ name: 'nothing_said', help: 'Nothing', registers });
  build.info({ version: '1.2.3', 'git.commit': 'a"b\\c\nd', empty: '' });
  parts.info({ a: 'ä' }, { größe: 5 });
  return () => parts.labels('b').info({ größe: '6' });
}

/** Families that no metric of promark has: of every type in a format, with timestamps. */
function collected(): FamilySnapshot[] {
  const family = (type: FamilySnapshot['type'], name: string, samples: FamilySnapshot['samples']): FamilySnapshot => ({
    type,
    name,
    help: `A ${type} "of" a \\ collector\n`,
    unit: '',
    samples,
  });
  const exemplar = { labels: { trace_id: 'c' }, value: 0.4, timestamp: START - 1000 };
  const bucket = (labels: Record<string, string>, value: number, more = {}) => ({
    name: 'far_seconds_bucket',
    labels,
    value,
    created: START - 5000,
    ...more,
  });
  return [
    counterFamily('far_queries_total', 'Queries', 3),
    gaugeFamily('far.größe', 'Größe', [
      { labels: { 'a.b': 'ä"' }, value: 2.5, timestamp: START - 1 },
      { labels: { 'a.b': 7, off: '' }, value: NaN },
    ]),
    family('unknown', 'far_unknown', [{ name: 'far_unknown', labels: { a: 'x' }, value: -1 }]),
    family('info', 'far', [{ name: 'far_info', labels: { v: '1' }, value: 1 }]),
    family('stateset', 'far_state', [
      { name: 'far_state', labels: { far_state: 'a' }, value: 1 },
      { name: 'far_state', labels: { far_state: 'b' }, value: 0 },
    ]),
    family('summary', 'far_latency', [
      { name: 'far_latency', labels: { quantile: '0.5' }, value: 1.5 },
      { name: 'far_latency_sum', labels: {}, value: 30 },
      { name: 'far_latency_count', labels: {}, value: 20 },
    ]),
    family('histogram', 'far_seconds', [
      bucket({ a: 'x', le: '0.5' }, 3, { exemplar }),
      bucket({ a: 'x', le: '+Inf' }, 5),
      { name: 'far_seconds_sum', labels: { a: 'x' }, value: 4.25, created: START - 5000 },
      { name: 'far_seconds_count', labels: { a: 'x' }, value: 5, created: START - 5000 },
    ]),
    family('gaugehistogram', 'far_ages', [
      { name: 'far_ages_bucket', labels: { le: '1' }, value: 2 },
      { name: 'far_ages_bucket', labels: { le: '+Inf' }, value: 2 },
      { name: 'far_ages_gsum', labels: {}, value: 1 },
      { name: 'far_ages_gcount', labels: {}, value: 2 },
    ]),
    family('histogram', 'far_native', [
      { name: 'far_native_sum', labels: {}, value: 6 },
      {
        name: 'far_native_count',
        labels: {},
        value: 4,
        native: {
          schema: 3,
          zeroThreshold: 0.001,
          zeroCount: 1,
          count: 4,
          sum: 6,
          exemplars: [exemplar],
          positive: [
            { index: 0, count: 2 },
            { index: 9, count: 1 },
          ],
          negative: [],
        },
      },
    ]),
    gaugeFamily('far_bound', 'The upper bound of a native bucket', nativeUpperBound(3, 9)),
  ];
}

/** A registry with more series than one group of a prepared page holds, in each kind of family. */
export function manySeries(): { registry: Registry; later: () => void } {
  const registry = new Registry({ openMetrics2: true });
  const registers = [registry];
  const labelNames = ['id', 'kind'] as const;
  const counter = new Counter({ name: 'many_total', help: 'Many', labelNames, registers });
  const histogram = new Histogram({ name: 'many_seconds', help: 'Many', labelNames, native: true, registers });
  const summary = new Summary({ name: 'many', help: 'Many', labelNames, registers });
  const record = (step: number) => {
    for (let id = 0; id < 2500; id += step) {
      const labels = { id, kind: `k${id % 7}` };
      counter.inc(labels, id);
      if (id < 300) histogram.observe(labels, id / 17);
      if (id < 300) summary.observe(labels, id / 3);
    }
  };
  at(0, () => record(1));
  return {
    registry,
    later: () =>
      at(60_000, () => {
        for (let id = 900; id < 1100; id++) counter.remove(id, `k${id % 7}`);
        record(37);
      }),
  };
}
