// The least that a new metric with four labels needs here, next to promark and its peers: node bench/least-metric.mjs
import * as successor from '@prometheus-io/client';
import * as promClient from 'prom-client';
import * as promark from 'promark';

const LABELS = ['method', 'status', 'account', 'region'];
const METRICS = 200;
const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

/**
 * Checks the names, and makes what a series is found by without building a string (a dictionary for each label, a hash table),
 * what other threads need to follow it (when each row began, which rows have changed) and the entry of the registry.
 */
function leastMetric(name, registry) {
  if (!NAME.test(name) || !LABELS.every((label) => NAME.test(label)) || registry.has(name)) throw new Error(name);
  const metric = {
    name,
    help: 'Made',
    labelNames: [...LABELS],
    dictionaries: LABELS.map(() => ({ numbers: new Map(), texts: [], uses: [], spare: [] })),
    table: new Int32Array(8),
    tuples: new Int32Array(LABELS.length),
    sought: new Int32Array(LABELS.length),
    factors: Int32Array.from(LABELS, (_, i) => i + 1),
    starts: new Float64Array(1),
    blocks: [],
    spare: [],
    children: [],
    exemplars: new Map(),
    logs: [],
  };
  registry.set(name, metric);
  return metric;
}

let made = 0;

/** Returns the microseconds that each metric of a registry takes, at best of many registries. */
function microseconds(makeRegistry, make) {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 60; round++) {
    const registry = makeRegistry();
    const start = performance.now();
    for (let i = 0; i < METRICS; i++) make(`counter_${made++}_total`, registry);
    best = Math.min(best, ((performance.now() - start) / METRICS) * 1000);
  }
  return `${best.toFixed(2)} µs`;
}

function ofClient({ Counter, Registry }) {
  return microseconds(
    () => new Registry(),
    (name, registry) => new Counter({ name, help: 'Made', labelNames: LABELS, registers: [registry] }),
  );
}

console.log(`promark: ${ofClient(promark)}`);
console.log(`least: ${microseconds(() => new Map(), leastMetric)}`);
console.log(`@prometheus-io/client: ${ofClient(successor.default)}`);
console.log(`prom-client: ${ofClient(promClient.default)}`);
