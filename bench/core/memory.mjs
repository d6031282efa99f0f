import { ofClients, warm } from '../harness/clients.mjs';
import { BUCKETS, LABEL_NAMES, methodOf, routeOf, statusOf } from '../harness/traffic.mjs';

const FAMILIES = 10;

/** Bytes of shared memory, which Node's own figures omit; nothing is freed during the measurement. */
let shared = 0;

/** Starts counting shared memory. Call it before a client creates metrics. */
export function countShared() {
  globalThis.SharedArrayBuffer = class extends SharedArrayBuffer {
    constructor(...args) {
      super(...args);
      shared += this.byteLength;
    }
  };
}

const record = {
  counters: {
    make: (client, name, more) => new client.Counter({ name: `${name}_total`, help: 'C', ...more }),
    add: (family, labels) => family.inc(labels),
  },
  histograms: {
    make: (client, name, more) =>
      new client.Histogram({ name: `${name}_seconds`, help: 'H', buckets: BUCKETS, ...more }),
    add: (family, labels) => family.observe(labels, 0.03),
  },
};

function memory(name, what, count, { make, add }, share) {
  return {
    name,
    flags: ['--expose-gc'],
    rows: [
      { work: `memory of a series, ${what}`, value: 'series', unit: 'bytes', against: 'peers', atMost: share },
      {
        work: `kept after a scrape, ${what}`,
        value: 'kept',
        unit: 'bytes a series',
        against: 'own',
        limit: 'page',
        atMost: 1.1,
      },
    ],
    work: ofClients(async (client, { quick }) => {
      countShared();
      await warm(client);
      const registry = new client.Registry();
      const families = Array.from({ length: FAMILIES }, (_, i) =>
        make(client, `family_${i}`, { labelNames: LABEL_NAMES, maxSeries: 0, registers: [registry] }),
      );
      const series = quick ? count / 10 : count;
      const before = await inUse();
      for (let i = 0; i < series; i++) {
        const place = Math.floor(i / FAMILIES);
        // A new object each time, as in a real call; a client that keeps it pays for it.
        add(families[i % FAMILIES], { method: methodOf(place), route: routeOf(place), status: statusOf(place) });
      }
      const filled = await inUse();
      const page = await scraped(client, registry);
      const afterwards = await inUse();
      // Changes and scrapes again: what the first page leaves behind may differ from later pages.
      add(families[0], { method: methodOf(0), route: routeOf(0), status: statusOf(0) });
      await scraped(client, registry);
      const again = await inUse();
      return {
        series: (filled - before) / series,
        kept: (Math.max(afterwards, again) - filled) / series,
        page: page / series,
      };
    }),
  };
}

/** The length of a sent page. */
async function scraped(client, registry) {
  const page = await client.scrape(registry);
  page.release?.();
  return page.length;
}

export default [
  memory('memory-counters', 'counter', 100_000, record.counters, 0.6),
  memory('memory-histograms', 'histogram of 12 buckets', 50_000, record.histograms, 0.5),
];

/** Bytes in use on and off the heap, including array buffers, after collecting garbage. */
export async function inUse() {
  for (let i = 0; i < 4; i++) {
    globalThis.gc();
    // The memory of buffers is freed in a later turn of the event loop.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external + shared;
}
