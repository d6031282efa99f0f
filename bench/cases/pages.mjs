import { CLIENTS, load } from '../harness/clients.mjs';
import { check, longestStall, median, milliseconds, random } from '../harness/loop.mjs';
import { BUCKETS, durations, LABEL_NAMES, methodOf, routeOf, statusOf } from '../harness/traffic.mjs';

const FAMILIES = 10;

/** Scrapes of counters with three labels, in ten families. */
const counters = {
  make: (client, name, registers) =>
    new client.Counter({ name: `${name}_total`, help: 'Requests', labelNames: LABEL_NAMES, maxSeries: 0, registers }),
  lines: 1,
  change: (child, next) => child.inc(1 + Math.floor(next() * 9)),
  start: (child, next) => child.inc(Math.floor(10 ** (1 + 5 * next()))),
};

/** Scrapes of histograms: 14 lines a series, one of which has a fraction. */
const histograms = {
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

/** Scrapes of gauges whose values have up to 17 digits: the dearest there are. */
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
    contenders: CLIENTS,
    slow: lines > 100_000,
    // The peers' million series need more than the heap that Node gives by default.
    flags: lines > 100_000 ? ['--max-old-space-size=8192'] : [],
    rows: [
      row('first page', 'first'),
      row('all changed', 'all', { atLeast: targets.all }),
      row('1 % changed', 'few', { atLeast: targets.few }),
      row('1 % changed', 'few', { against: 'own', limit: 'copy', atMost: targets.fewOfCopy }),
      row('none changed', 'none'),
      row('longest stall, first page', 'firstStall', { against: 'itself', atMost: targets.stall }),
      row('longest stall, all changed', 'allStall', { against: 'itself', atMost: targets.stall }),
    ],
    run: async (contender, options) => measure(await load(contender), kind, lines / kind.lines, options),
  };
}

export default [
  pages('page-1k', counters, 1_000, 'page of 1 000 series'),
  pages('page-10k', counters, 10_000, 'page of 10 000 series'),
  pages('page-100k', counters, 100_000, 'page of 100 000 series', { all: 8, few: 40, fewOfCopy: 4 }),
  pages('page-1m', counters, 1_000_000, 'page of 1 000 000 series', { stall: 20 }),
  pages('page-100k-histograms', histograms, 14 * 7_140, 'page of 100 000 lines of histograms'),
  pages('page-100k-gauges', gauges, 100_000, 'page of 100 000 gauges with fractions'),
];

async function measure(client, kind, series, { scrapes }) {
  await rehearse(client, kind);
  const next = random(11);
  const { registry, childOf } = populate(client, kind, series, next);
  const scrape = () => client.scrape(registry);
  let page;
  let first = 0;
  const firstStall = await longestStall(async () => {
    first = await milliseconds(async () => {
      page = await scrape();
    });
  });
  check(linesOf(page) >= series * kind.lines, 'lines are missing');
  const bytes = page.length;
  const copy = copyTime(bytes);
  page = undefined;

  const changeAll = () => {
    for (let i = 0; i < series; i++) kind.change(childOf(i), next);
  };
  const changeFew = () => {
    for (let i = 0; i < series / 100; i++) kind.change(childOf(Math.floor(next() * series)), next);
  };
  const repeat = async (before, timer) => {
    const took = [];
    for (let i = 0; i < (bytes > 30e6 ? Math.ceil(scrapes / 3) : scrapes); i++) {
      before();
      took.push(await timer(scrape));
    }
    return took;
  };
  const all = median(await repeat(changeAll, milliseconds));
  const few = median(await repeat(changeFew, milliseconds));
  const none = median(await repeat(() => {}, milliseconds));
  const allStall = Math.max(...(await repeat(changeAll, longestStall)));
  return { first, firstStall, all, allStall, few, none, copy, bytes };
}

/** Scrapes small pages until the compiler is done: what is asked for is the time of a page, not of a process' start. */
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
  // Looked up each time rather than kept: what an application keeps is not to burden the peers' garbage collection.
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

/** One copy of as many bytes to memory that is in use already: what no page can do without. */
function copyTime(bytes) {
  const from = Buffer.alloc(bytes, 'x');
  const to = Buffer.alloc(bytes, 'y');
  const took = Array.from({ length: 15 }, () => {
    const start = performance.now();
    from.copy(to);
    return performance.now() - start;
  });
  return median(took);
}
