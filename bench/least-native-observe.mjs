// The least that an observation takes in a native histogram for any values, next to promark's native and classic ones:
// node bench/least-native-observe.mjs [part of a form's name]
import { readCommandLine } from '../scripts/program.mjs';
import { load, warm } from './harness/clients.mjs';
import { check, nanosecondsPerCall, random } from './harness/loop.mjs';
import { countOnlyAt, fullSpeedHere } from './harness/samples.mjs';
import { BUCKETS, durations, LABEL_NAMES, methods, routes, SETS, statuses } from './harness/traffic.mjs';

const scratch = new Float64Array(1);
const words = new Uint32Array(scratch.buffer);
const COARSEST = -4;
const EMPTY = new Float64Array(0);

/** The bounds within an octave, and the first that may apply to each value of a mantissa's leading bits. */
function scaleOf(schema) {
  const fine = Math.max(schema, 0);
  const bounds = Float64Array.from({ length: 2 ** fine }, (_, i) => 2 ** (i / 2 ** fine - 1));
  const steps = Array.from({ length: 2 ** (fine + 1) }, (_, step, least = 0.5 + step / 2 ** (fine + 2)) => {
    const first = bounds.findIndex((bound) => bound >= least);
    return first < 0 ? bounds.length : first;
  });
  return { schema, fine, bounds, firstBound: Uint16Array.from(steps), shift: 19 - fine, octaves: fine - schema };
}

const scales = new Map(Array.from({ length: 13 }, (_, i) => [i + COARSEST, scaleOf(i + COARSEST)]));
const toFraction = Float64Array.from({ length: 2047 }, (_, exponent) => 2 ** (1022 - exponent));

/** The bucket of any positive number. */
function keyOf(scale, size) {
  scratch[0] = size;
  const exponent = words[1] >>> 20;
  if (exponent === 0 || exponent === 2047) return keyOfOther(scale, size);
  let bound = scale.firstBound[(words[1] & 0xfffff) >>> scale.shift];
  if (bound < scale.bounds.length && scale.bounds[bound] < size * toFraction[exponent]) bound++;
  return (bound + ((exponent - 1023) << scale.fine) + (1 << scale.octaves) - 1) >> scale.octaves;
}

function keyOfOther(scale, size) {
  if (size === Infinity) return keyOf(scale, Number.MAX_VALUE) + 1;
  const key = keyOf(scales.get(scale.fine), size * 2 ** 54) - (54 << scale.fine);
  return (key + (1 << scale.octaves) - 1) >> scale.octaves;
}

/** The buckets of one sign: an array from the least to the greatest that was used. */
class LeastBuckets {
  constructor() {
    this.first = 0;
    this.counts = EMPTY;
  }

  /** Returns whether the bucket was empty. */
  add(key, count) {
    const { counts } = this;
    const at = key - this.first;
    if (at < 0 || at >= counts.length) return this.grow(key, count);
    const before = counts[at];
    counts[at] = before + count;
    return before === 0;
  }

  grow(key, count) {
    const { counts, first } = this;
    const least = counts.length === 0 ? key : Math.min(key, first);
    const end = counts.length === 0 ? key + 1 : Math.max(key + 1, first + counts.length);
    this.counts = new Float64Array(end - least);
    this.counts.set(counts, counts.length === 0 ? 0 : first - least);
    this.first = least;
    return this.add(key, count);
  }
}

/**
 * One series: values of both signs and of any size, a zero bucket, and a limit of buckets, beyond which the resolution is
 * halved. It is not removed, reset or read by other threads, it takes no exemplars, and a single value far from all
 * others costs it the memory of all buckets between.
 */
class LeastNative {
  constructor({ schema, maxBuckets, zeroThreshold }) {
    this.scale = scales.get(schema);
    this.maxBuckets = maxBuckets;
    this.zeroThreshold = zeroThreshold;
    /** Count, sum, zeros. */
    this.cells = new Float64Array(3);
    this.positive = new LeastBuckets();
    this.negative = new LeastBuckets();
    this.used = 0;
  }

  observe(value) {
    if (typeof value !== 'number') throw new TypeError(String(value));
    const { cells } = this;
    cells[0] += 1;
    cells[1] += value;
    const size = Math.abs(value);
    if (!(size > this.zeroThreshold)) {
      if (!Number.isNaN(value)) cells[2] += 1;
      return;
    }
    const buckets = value > 0 ? this.positive : this.negative;
    if (buckets.add(keyOf(this.scale, size), 1)) this.begun();
  }

  begun() {
    this.used += 1;
    if (this.used > this.maxBuckets && this.scale.schema > COARSEST) this.halve();
  }

  halve() {
    this.scale = scales.get(this.scale.schema - 1);
    this.used = 0;
    for (const sign of ['positive', 'negative']) {
      const { first, counts } = this[sign];
      this[sign] = new LeastBuckets();
      for (const [i, count] of counts.entries()) {
        if (count > 0 && this[sign].add(Math.ceil((first + i) / 2), count)) this.used += 1;
      }
    }
  }

  get counted() {
    const added = [this.positive, this.negative].map(({ counts }) => counts.reduce((sum, count) => sum + count, 0));
    return added[0] + added[1] + this.cells[2];
  }
}

const PLAN = { schema: 3, maxBuckets: 160, zeroThreshold: 2 ** -128 };
const OTHER_PLANS = [PLAN, { ...PLAN, schema: 8 }, { ...PLAN, zeroThreshold: 0.001 }, { ...PLAN, maxBuckets: 10 }];

const values = durations(random());
/** For warming up: V8 must not take the values of one series for those of all. */
const others = [0, -1, 1e-9, -1e9, 5e-324, ...values.slice(0, 200)];

const MAKERS = {
  least: async () => {
    for (const plan of OTHER_PLANS) {
      const series = new LeastNative(plan);
      for (let i = 0; i < 4000; i++) series.observe(others[i % others.length]);
      check(series.counted === 4000, 'observations are missing');
    }
    const one = new LeastNative(PLAN);
    return { one, bound: Array.from({ length: SETS }, () => new LeastNative(PLAN)), counted: () => one.counted };
  },
  native: () => ofPromark({ native: true, buckets: false }),
  classic: () => ofPromark({ buckets: BUCKETS }),
};

async function ofPromark(kind) {
  const client = await load('promark');
  await warm(client);
  const registers = [new client.Registry()];
  const kinds = OTHER_PLANS.map((native) => ({ native, buckets: false }));
  for (const [i, other] of [{ buckets: BUCKETS }, ...kinds].entries()) {
    const histogram = new client.Histogram({ name: `other_${i}_seconds`, help: 'H', registers, ...other });
    for (let n = 0; n < 4000; n++) histogram.observe(others[n % others.length]);
  }
  const config = { help: 'H', registers, ...kind };
  const one = new client.Histogram({ name: 'one_seconds', ...config });
  const labeled = new client.Histogram({ name: 'labeled_seconds', labelNames: LABEL_NAMES, ...config });
  const bound = methods.map((method, i) => labeled.labels(method, routes[i], statuses[i]));
  const counted = async () => (await one.get()).values.find((sample) => sample.metricName.endsWith('_count')).value;
  return { one, bound, counted };
}

const mask = values.length - 1;
const FORMS = {
  'observe(v), no labels': ({ one }, calls) => {
    for (let i = 0; i < calls; i++) one.observe(values[i & mask]);
  },
  'observe(v), bound child, 64 in turn': ({ bound }, calls) => {
    for (let i = 0; i < calls; i++) bound[i & (SETS - 1)].observe(values[i & mask]);
  },
};

// Each in its own process, so that none is compiled for the objects of another.
const [flag, form, name] = process.argv.slice(2);
if (flag !== '--one') {
  const forms = Object.keys(FORMS);
  const known = {
    expected: `a part of ${forms.join(', ')}`,
    accepts: (text) => forms.some((key) => key.includes(text)),
  };
  const { operands } = readCommandLine(import.meta.url, { operands: { most: 1, rule: known } });
  const { spawnSync } = await import('node:child_process');
  for (const one of forms.filter((key) => key.includes(operands[0] ?? ''))) {
    const ofEach = Object.keys(MAKERS).map((maker) => {
      const { stdout } = spawnSync(process.execPath, [import.meta.filename, '--one', one, maker], { encoding: 'utf8' });
      return `${maker} ${stdout.trim()} ns`;
    });
    console.log(`${one}: ${ofEach.join(', ')}`);
  }
} else {
  const subject = await MAKERS[name]();
  const work = FORMS[form];
  let calls = 0;
  countOnlyAt(fullSpeedHere(3000));
  const took = nanosecondsPerCall(
    (n) => {
      work(subject, n);
      calls += n;
    },
    { sampleMs: 1, samples: 600 },
  );
  check(!form.includes('no labels') || (await subject.counted()) === calls, 'observations are missing');
  console.log(took.toFixed(1));
}
