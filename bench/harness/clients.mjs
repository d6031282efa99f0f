// The measured libraries, behind the API that prom-client and promark have in common.

/** The libraries that promark is compared with. */
export const PEERS = ['@prometheus-io/client', 'prom-client'];

export const CLIENTS = ['promark', ...PEERS];

/** Loads one library. A process loads only one, so that caches never see another library's objects. */
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
    // What each library passes to the response: promark bytes, the peers a string that Node has yet to encode.
    scrape: (registry) => (name === 'promark' ? registry.render() : registry.metrics()),
  };
}

/** The same work for promark and both peers: a function for each that loads it and measures. */
export function ofClients(measure) {
  return Object.fromEntries(CLIENTS.map((name) => [name, async (options) => measure(await load(name), options)]));
}

/**
 * Uses the library as an application would, before anything is timed: several families of each type, with zero to four
 * labels and every way of calling. Otherwise the compiler would see a single family and specialize the code for it.
 */
export async function warm(client) {
  const registry = new client.Registry();
  const registers = [registry];
  const names = ['alpha', 'beta', 'gamma', 'delta'];
  for (let labels = 0; labels <= 4; labels++) {
    const labelNames = names.slice(0, labels);
    const make = (Type, name, options) =>
      new Type({ name: `warm_${name}_${labels}`, help: 'Warm', labelNames, registers, ...options });
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
