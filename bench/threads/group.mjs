import { inc, pages, starts } from './work.mjs';

const PEER = '@prometheus-io/client';

function merged(workers, targets = {}) {
  const what = `${workers} workers × 10 000 series`;
  const row = (work, value, more) => ({ work: `${what}, ${work}`, value, unit: 'ms', against: 'peers', ...more });
  const stall = (work, value) => row(`longest stall of the main thread, ${work}`, value, { against: 'itself' });
  return {
    name: `threads-${workers}`,
    slow: workers > 8,
    work: {
      promark: (options) => pages('promark', workers, 10_000, options),
      [PEER]: (options) => pages(PEER, workers, 10_000, options),
    },
    rows: [
      row('first page', 'first'),
      row('all changed', 'all', targets),
      row('all changed, time of the processor', 'allCpu'),
      row('1 % changed', 'few', targets),
      row('1 % changed, time of the processor', 'fewCpu'),
      stall('first page', 'firstStall'),
      stall('all changed', 'allStall'),
    ],
  };
}

/** Pages with the metrics of worker threads, and what these threads pay for it. */
export default {
  plan: {
    // A program that is scraped is warm after some minutes, so both clients make some pages that are not measured.
    full: { rounds: 3, slowRounds: 1, scrapes: 5, warmUp: 12, sampleMs: 10, samples: 40 },
    quick: { scrapes: 2, warmUp: 1, sampleMs: 5, samples: 10 },
  },
  cases: [
    merged(8, { atLeast: 20 }),
    merged(32),
    {
      name: 'thread-inc',
      work: {
        promark: async (options) => ({ inc: await inc(true, options) }),
        limit: async (options) => ({ inc: await inc(false, options) }),
      },
      limit: 'the main thread alone',
      rows: [{ work: 'bound child `inc()` in a worker', value: 'inc', unit: 'ns', against: 'limit', atMost: 1.03 }],
    },
    {
      name: 'thread-start',
      work: { promark: () => starts('promark'), [PEER]: () => starts(PEER), limit: () => starts(undefined) },
      limit: 'a worker without metrics',
      rows: [
        { work: 'start of a worker with 100 series', value: 'start', unit: 'ms', against: 'over' },
        { work: 'memory of a worker with 100 series', value: 'memory', unit: 'MB', against: 'over' },
      ],
    },
  ],
};
