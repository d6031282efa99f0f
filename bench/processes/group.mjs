import { byStore, clusterPages, promarkPages, pythonPages } from './work.mjs';

const PEER = '@prometheus-io/client';
const PYTHON = 'client_python';

function merged(workers, targets) {
  const what = `${workers} processes × 10 000 series`;
  const row = (work, value, more) => ({ work: `${what}, ${work}`, value, unit: 'ms', against: 'peers', ...more });
  const own = (work, value, more) => ({ work: `${what}, ${work}`, value, unit: 'ms', against: 'itself', ...more });
  return {
    name: `processes-${workers}`,
    slow: true,
    work: {
      promark: (options) => promarkPages(workers, options),
      [PEER]: (options) => clusterPages(PEER, workers, options),
      [PYTHON]: (options) => pythonPages(workers, options),
    },
    rows: [
      row('first page', 'first'),
      row('all changed', 'all', { atLeast: 40 }),
      row('1 % changed', 'few'),
      own('all changed, by itself', 'all', { atMost: targets.page }),
      own('all changed, time of the processor', 'allCpu'),
      own('longest stall of the serving thread, all changed', 'allStall', { atMost: 20 }),
      own('longest stall of the serving thread, first page', 'firstStall', { atMost: 20 }),
      own('memory of the reader, first page', 'reader', { unit: 'MB' }),
      row('memory of a process', 'worker', { unit: 'MB' }),
    ],
  };
}

const store = (work, value, limit) => ({ work, value, unit: 'ns', against: 'own', limit, atMost: 1.2 });

/** Pages of several processes, and the cost of recording by where the values are stored. */
export default {
  plan: {
    // A program that is scraped is warm after some minutes, so all clients make some pages that are not measured.
    full: { rounds: 3, slowRounds: 1, scrapes: 5, warmUp: 12, sampleMs: 10, samples: 40 },
    quick: { scrapes: 2, warmUp: 1, sampleMs: 5, samples: 10 },
  },
  cases: [
    merged(8, { page: 25 }),
    merged(32, { page: 60 }),
    {
      name: 'processes-stores',
      work: { promark: byStore },
      rows: [
        store('`inc()` in a mapped file, to shared memory', 'incMapped', 'incShared'),
        store('`inc()` in a file that is written at intervals, to shared memory', 'incBuffered', 'incShared'),
        store('`inc()` on the heap, to shared memory', 'incHeap', 'incShared'),
        store('`observe()` in a mapped file, to shared memory', 'observeMapped', 'observeShared'),
        store(
          '`observe()` in a file that is written at intervals, to shared memory',
          'observeBuffered',
          'observeShared',
        ),
        store('`observe()` on the heap, to shared memory', 'observeHeap', 'observeShared'),
      ],
    },
  ],
};
