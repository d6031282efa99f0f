// The libraries that are measured, behind one face: what prom-client's API has in common with promark's.

/** Those that promark is compared with. */
export const PEERS = ['@prometheus-io/client', 'prom-client'];

export const CLIENTS = ['promark', ...PEERS];

/** Loads one library. A process loads one only, so that nobody's caches see another's objects. */
export async function load(name) {
  const api = await import(name);
  const { Counter, Gauge, Histogram, Summary, Registry } = api.default ?? api;
  return {
    name,
    Counter,
    Gauge,
    Histogram,
    Summary,
    Registry,
    // What each hands to the response of a scrape: promark bytes, the peers a string that Node has yet to encode.
    scrape: (registry) => (name === 'promark' ? registry.render() : registry.metrics()),
  };
}

/** The same work of promark and of both peers: for each, a function that loads it and measures. */
export function ofClients(measure) {
  return Object.fromEntries(CLIENTS.map((name) => [name, async (options) => measure(await load(name), options)]));
}

/**
 * Uses the library the way an application does before anything is timed: several families of each type, with none to
 * four labels and every way of calling. Otherwise the compiler would see one family only and tie the code to it.
 */
export async function warm(client) {
  const registry = new client.Registry();
  const registers = [registry];
  const names = ['alpha', 'beta', 'gamma', 'delta'];
  for (let labels = 0; labels <= 4; labels++) {
    const labelNames = names.slice(0, labels);
    const make = (Type, name, more) =>
      new Type({ name: `warm_${name}_${labels}`, help: 'Warm', labelNames, registers, ...more });
    const counter = make(client.Counter, 'counter');
    const gauge = make(client.Gauge, 'gauge');
    const histogram = make(client.Histogram, 'histogram', { buckets: [0.1, 0.5, 1, 5].slice(0, 2 + (labels % 3)) });
    const summary = make(client.Summary, 'summary', { maxAgeSeconds: 60, ageBuckets: 5 });
    for (let i = 0; i < 400; i++) {
      const values = labelNames.map((_, position) => `value ${(i >> position) & 3}`);
      const object = Object.fromEntries(labelNames.map((name, position) => [name, values[position]]));
      counter.labels(...values).inc();
      gauge.labels(...values).set(i / 7);
      histogram.labels(...values).observe(i / 100);
      summary.labels(...values).observe(i / 100);
      if (labels === 0) {
        counter.inc();
        gauge.inc(2);
        histogram.observe(i / 50);
        summary.observe(i / 50);
      } else {
        counter.inc(object, 2);
        gauge.set(object, i);
        histogram.observe(object, i / 50);
        summary.observe(object, i / 50);
      }
    }
  }
  for (let i = 0; i < 5; i++) await client.scrape(registry);
}
