import { Counter, Gauge, Histogram } from 'promark';

export const hashes = new Counter({ name: 'hashes_total', help: 'Passwords hashed', labelNames: ['outcome'] });
export const seconds = new Histogram({ name: 'hash_seconds', help: 'Time to hash a password', unit: 'seconds' });
/** Without `aggregate`: the sum over the threads that run. */
export const busy = new Gauge({ name: 'hashers_busy', help: 'Workers that are hashing' });
/** A series for each thread that runs, with the label `worker`. */
export const memory = new Gauge({
  name: 'hasher_heap_bytes',
  help: 'Heap of a worker',
  unit: 'bytes',
  aggregate: 'liveall',
});
