import { ofClients } from '../harness/clients.mjs';
import { check, cost, longestStall, median, random } from '../harness/loop.mjs';
import { Samples, waitForFullSpeed } from '../harness/samples.mjs';
import { BUCKETS, durations, LABEL_NAMES, methodOf, routeOf, statusOf } from '../harness/traffic.mjs';

const FAMILIES = 10;

/** Work that takes longer than this is only sampled once: no further sample is taken after it. */
const MAX_MS = 8000;

/**
 * Lines that are written before pages are measured, and while they are: V8 is still compiling after a hundred pages of
 * 1 000 lines, and a page of a few microseconds takes many samples.
 */
const WARM_LINES = 300_000;
const MEASURED_LINES = 50_000;

/** Scrapes of counters with three labels, in ten families. */
export const counters = {
  make: (client, name, registers) =>
    new client.Counter({ name: `${name}_total`, help: 'Requests', labelNames: LABEL_NAMES, maxSeries: 0, registers }),
  lines: 1,
  change: (child, next) => child.inc(1 + Math.floor(next() * 9)),
  start: (child, next) => child.inc(Math.floor(10 ** (1 + 5 * next()))),
};

/** Scrapes of histograms: 14 lines per series, one of them with a fraction. */
export const histograms = {
  make: (client, name, registers) =>
    new client.Histogram({
      name: `${name}_seconds`,
      help: 'Durations',
      labelNames: LABEL_NAMES,
      buckets: BUCKETS,
      maxSeries: 0,
      registers,
    }),
  lines: BUCKETS.length + 3,
  change: (child, next) => child.observe(values[Math.floor(next() * values.length)]),
  start: (child, next) => {
    for (let i = 0; i < 5; i++) child.observe(values[Math.floor(next() * values.length)]);
  },
};

/** Scrapes of gauges whose values have up to 17 digits, the most expensive ones. */
const gauges = {
  make: (client, name, registers) =>
    new client.Gauge({ name, help: 'Level', labelNames: LABEL_NAMES, maxSeries: 0, registers }),
  lines: 1,
  change: (child, next) => child.set(next() * 1000),
  start: (child, next) => child.set(next() * 1000),
};

const values = durations(random(3));

function pages(name, kind, lines, what, targets = {}) {
  const row = (work, value, more) => ({ work: `${what}, ${work}`, value, unit: 'ms', against: 'peers', ...more });
  return {
    name,
    slow: lines > 100_000,
    // The peers' million series exceed Node's default heap limit.
    flags: lines > 100_000 ? ['--max-old-space-size=8192'] : [],
    rows: [
      row('first page', 'first', { atLeast: targets.first }),
      row('all changed', 'all', { atLeast: targets.all }),
      row('1 % changed', 'few', { atLeast: targets.few }),
      row('1 % changed, against one copy', 'few', { against: 'own', limit: 'memcpy' }),
      row('1 % changed, against none changed', 'few', { against: 'own', limit: 'none', atMost: targets.fewOfNone }),
      row('1 % changed, against none changed and one copy', 'few', {
        against: 'own',
        limit: 'noneAndCopy',
        atMost: targets.fewOfBoth,
      }),
      row('none changed', 'none'),
      row('longest stall, first page', 'firstStall', { against: 'itself', atMost: targets.firstStall }),
      row('longest stall, all changed', 'allStall', { against: 'itself', atMost: targets.allStall }),
    ],
    work: ofClients((client, options) => measure(client, kind, lines / kind.lines, options)),
  };
}

/** Pages as strings, as returned by prom-client's `metrics()`. */

const asText = (client) => ({ ...client, scrape: (registry) => registry.metrics() });

export default [
  {
    name: 'text-100k',
    rows: [
      { work: '`metrics()` of 100 000 series, all changed', value: 'all', unit: 'ms', against: 'peers', atLeast: 14 },
      { work: '`metrics()` of 100 000 series, 1 % changed', value: 'few', unit: 'ms', against: 'peers', atLeast: 50 },
    ],
    work: ofClients((client, options) => measure(asText(client), counters, 100_000, options)),
  },
  pages('page-1k', counters, 1_000, 'page of 1 000 series', { all: 8, few: 15 }),
  pages('page-10k', counters, 10_000, 'page of 10 000 series'),
  pages('page-100k', counters, 100_000, 'page of 100 000 series', {
    first: 4,
    all: 14,
    few: 100,
    fewOfNone: 2,
    fewOfBoth: 1.5,
  }),
  pages('page-1m', counters, 1_000_000, 'page of 1 000 000 series', { firstStall: 25, allStall: 10 }),
  pages('page-100k-histograms', histograms, 14 * 7_140, 'page of 100 000 lines of histograms'),
  pages('page-100k-gauges', gauges, 100_000, 'page of 100 000 gauges with fractions', { first: 2, all: 5 }),
];

/** Measures pages of `series` series; `client.linesOf` counts the lines of a page that is not text. */
export async function measure(client, kind, series, { scrapes, quick }) {
  if (!quick) await rehearse(client, kind);
  const next = random(11);
  const { registry, childOf } = populate(client, kind, series, next);
  let page;
  let first;
  // A page has been sent by the time the next one is requested.
  const scrape = async () => {
    page?.release?.();
    page = await client.scrape(registry);
  };
  waitForFullSpeed();
  const firstStall = await longestStall(async () => {
    first = await cost(scrape);
  });
  check((client.linesOf ?? linesOf)(page) >= series * kind.lines, 'lines are missing');
  const bytes = page.length;

  const changeAll = () => changeAllOf(kind, series, childOf, next);
  const changeFew = () => {
    for (let i = 0; i < series / 100; i++) kind.change(childOf(Math.floor(next() * series)), next);
  };
  const lines = series * kind.lines;
  const warmups = quick || bytes > 30e6 ? 0 : Math.max(Math.ceil(scrapes / 3), Math.ceil(WARM_LINES / lines));
  const measured = quick ? scrapes : Math.max(scrapes, Math.ceil(MEASURED_LINES / lines));
  const repeat = async (before, timer) => {
    for (let i = 0; i < warmups; i++) {
      before();
      await timer(scrape);
    }
    const results = new Samples(measured, MAX_MS);
    while (results.wanted()) {
      before();
      results.add(await timer(scrape));
    }
    return results.values;
  };
  const all = await repeat(changeAll, cost);
  const few = await repeat(changeFew, cost);
  const none = await repeat(() => {}, cost);
  const allStall = Math.max(...(await repeat(changeAll, longestStall)));
  const memcpy = await copies(bytes, false);
  return {
    ...both('first', [first]),
    ...both('all', all),
    ...both('few', few),
    ...both('none', none),
    ...both('memcpy', memcpy),
    // The least that a changed page takes if one of the first numbers has got longer, so that all that follows moves.
    noneAndCopy: median(none.map(({ cpu }) => cpu)) + median(memcpy.map(({ cpu }) => cpu)),
    ...both('copy', await copies(bytes, true)),
    firstStall,
    allStall,
    bytes,
  };
}

function changeAllOf(kind, series, childOf, next) {
  for (let i = 0; i < series; i++) kind.change(childOf(i), next);
}

/** Medians of the processor time and, for comparison, of the wall time. */
function both(name, results) {
  return {
    [name]: median(results.map(({ cpu }) => cpu)),
    [`${name}Wall`]: median(results.map(({ wall }) => wall)),
  };
}

/** Scrapes small pages until the compiler is done, to measure a page and not the start of a process. */
async function rehearse(client, kind) {
  const next = random(4);
  for (let pages = 0; pages < 12; pages++) {
    const { registry, childOf } = populate(client, kind, 1_000, next);
    for (let i = 0; i < 4; i++) {
      await client.scrape(registry);
      for (let j = 0; j < 1_000; j += 1 + 4 * i) kind.change(childOf(j), next);
    }
  }
}

function populate(client, kind, series, next) {
  const registry = new client.Registry();
  const families = Array.from({ length: FAMILIES }, (_, i) => kind.make(client, `family_${i}`, [registry]));
  const size = Math.ceil(series / FAMILIES);
  // Looks children up each time: objects kept by an application must not burden the peers' garbage collector.
  const childOf = (i) => {
    const place = i % size;
    return families[Math.floor(i / size)].labels(methodOf(place), routeOf(place), statusOf(place));
  };
  for (let i = 0; i < series; i++) kind.start(childOf(i), next);
  return { registry, childOf };
}

function linesOf(page) {
  const text = typeof page === 'string' ? page : page.text;
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}

/** Copies the same number of bytes, to existing memory or to new memory, which the system must zero first. */
async function copies(bytes, anew) {
  const from = Buffer.alloc(bytes, 'x');
  let to = Buffer.alloc(bytes, 'y');
  const results = new Samples(15);
  while (results.wanted()) {
    const result = await cost(() => {
      if (anew) to = Buffer.allocUnsafeSlow(bytes);
      from.copy(to);
    });
    check(to[bytes - 1] === from[0], 'bytes are missing');
    results.add(result);
    // The memory of earlier copies is freed like that of pages: when the garbage collector finds it.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return results.values;
}
