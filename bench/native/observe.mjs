import { load, warm } from '../harness/clients.mjs';
import { check, nanosecondsPerCall, random } from '../harness/loop.mjs';
import { BUCKETS, durations, LABEL_NAMES, methods, routes, SETS, statuses } from '../harness/traffic.mjs';

/** Native histograms next to classic ones with 12 buckets, both promark's. */
export default {
  name: 'native-observe',
  rows: [
    {
      work: 'native `observe(v)`, no labels',
      value: 'native',
      unit: 'ns',
      against: 'own',
      limit: 'classic',
      atMost: 2.5,
    },
    {
      work: 'native, bound child `observe(v)`',
      value: 'nativeChild',
      unit: 'ns',
      against: 'own',
      limit: 'classicChild',
      atMost: 2.5,
    },
    { work: 'native `observe(v)`, no labels', value: 'native', unit: 'ns', against: 'limit' },
    { work: 'native, bound child `observe(v)`', value: 'nativeChild', unit: 'ns', against: 'limit' },
    { work: 'native and classic at once', value: 'both', unit: 'ns', against: 'own', limit: 'classic' },
    { work: 'native of schema 8', value: 'fine', unit: 'ns', against: 'own', limit: 'classic' },
  ],
  work: { promark: observations, limit: leastObservations },
  limit: 'the key by the bits of the number, a page of cells and three additions',
};

/** Buckets of an octave of factor 1.1. */
const BUCKETS_OF_OCTAVE = 8;

/** What finding an exponential bucket takes at least: neither checks, nor zeros, negative values or a limit of buckets. */
function leastObservations(options) {
  const scratch = new Float64Array(1);
  const words = new Uint32Array(scratch.buffer);
  const bounds = Float64Array.from({ length: BUCKETS_OF_OCTAVE }, (_, i) => 2 ** (i / BUCKETS_OF_OCTAVE - 1));
  const toFraction = Float64Array.from({ length: 2047 }, (_, exponent) => 2 ** (1022 - exponent));
  const steps = Array.from({ length: 16 }, (_, step) => bounds.findIndex((bound) => bound >= (1 + step / 16) / 2));
  const firstBound = Uint8Array.from(steps, (first) => (first < 0 ? BUCKETS_OF_OCTAVE : first));
  const observe = (pages, head, value) => {
    scratch[0] = value;
    const exponent = words[1] >>> 20;
    let bound = firstBound[(words[1] & 0xfffff) >>> 16];
    if (bound < BUCKETS_OF_OCTAVE && bounds[bound] < value * toFraction[exponent]) bound++;
    const key = bound + (exponent - 1000) * BUCKETS_OF_OCTAVE;
    pages[key >> 3][key & 7] += 1;
    head[0] += 1;
    head[1] += value;
  };
  const values = durations(random());
  const mask = values.length - 1;
  const children = Array.from({ length: SETS }, () => ({
    pages: Array.from({ length: 48 }, () => new Float64Array(BUCKETS_OF_OCTAVE)),
    head: new Float64Array(2),
  }));
  const { pages, head } = children[0];
  let calls = 0;
  const native = nanosecondsPerCall((n) => {
    for (let i = 0; i < n; i++) observe(pages, head, values[i & mask]);
    calls += n;
  }, options);
  const counted = pages.reduce((sum, page) => sum + page.reduce((own, count) => own + count), 0);
  check(counted === calls && head[0] === calls, 'observations are missing');
  const nativeChild = nanosecondsPerCall((n) => {
    for (let i = 0; i < n; i++) {
      const child = children[i & (SETS - 1)];
      observe(child.pages, child.head, values[i & mask]);
    }
  }, options);
  return { native, nativeChild };
}

async function observations(options) {
  const client = await load('promark');
  await warm(client);
  const registers = [new client.Registry()];
  const kinds = {
    classic: { buckets: BUCKETS },
    native: { native: { factor: 1.1 }, buckets: false },
    both: { native: { factor: 1.1 }, buckets: BUCKETS },
    fine: { native: { schema: 8, maxBuckets: 0 }, buckets: false },
  };
  const values = durations(random());
  const mask = values.length - 1;
  // V8 must not compile the first kind as if there were no other.
  for (const [name, kind] of Object.entries(kinds)) {
    const other = new client.Histogram({ name: `other_${name}_seconds`, help: 'H', registers, ...kind });
    for (let i = 0; i < 4 * values.length; i++) other.observe(values[i & mask]);
  }
  const took = {};
  for (const [name, kind] of Object.entries(kinds)) {
    const histogram = new client.Histogram({ name: `${name}_seconds`, help: 'H', registers, ...kind });
    let calls = 0;
    const observed = loopOver('histogram', histogram, values);
    took[name] = nanosecondsPerCall((n) => {
      observed(n);
      calls += n;
    }, options);
    const count = (await histogram.get()).values.find(({ metricName }) => metricName?.endsWith('_count'));
    check(count?.value === calls && (count.native?.count ?? calls) === calls, 'observations are missing');
    const common = { help: 'H', labelNames: LABEL_NAMES, registers };
    const labeled = new client.Histogram({ name: `${name}_labeled_seconds`, ...common, ...kind });
    const bound = methods.map((method, i) => labeled.labels(method, routes[i], statuses[i]));
    took[`${name}Child`] = nanosecondsPerCall(loopOver(`histogram[i & ${SETS - 1}]`, bound, values), options);
  }
  return took;
}

/** Compiled anew for each kind: a shared loop would be specialized for the first one. */
function loopOver(subject, histogram, values) {
  const call = `${subject}.observe(values[i & ${values.length - 1}])`;
  return new Function('histogram', 'values', `return (n) => { for (let i = 0; i < n; i++) ${call}; }`)(
    histogram,
    values,
  );
}
