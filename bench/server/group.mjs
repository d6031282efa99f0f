import { inc, memory, scrapes, stall, start } from './work.mjs';

const SERIES = [0, 10_000, 100_000];
const amount = (series) => (series === 0 ? 'no series' : `${series.toLocaleString('en').replaceAll(',', ' ')} series`);

const starts = SERIES.map((series) => ({
  name: `start-${series}`,
  work: { promark: async () => ({ ...(await start(series)), stall: await stall(series) }) },
  rows: [
    { work: `start, ${amount(series)}`, value: 'wall', unit: 'ms', against: 'itself', atMost: series === 0 ? 80 : 110 },
    { work: 'the same, time of the processor', value: 'cpu', unit: 'ms', against: 'itself' },
    { work: 'the same, longest stall of the program', value: 'stall', unit: 'ms', against: 'itself' },
  ],
}));

const memories = SERIES.slice(0, 2).map((series) => ({
  name: `server-memory-${series}`,
  work: { promark: () => memory(series, true), limit: () => memory(series, false) },
  limit: 'the program without a server',
  rows: [
    { work: `memory, ${amount(series)}, before a scrape`, value: 'started', unit: 'MB', against: 'over', atMost: 20 },
    { work: 'the same, after a scrape', value: 'scraped', unit: 'MB', against: 'over', atMost: 20 },
  ],
}));

/**
 * The server in its own thread: its start, its memory, its response times while the program is blocked. Over loopback
 * only.
 */
export default {
  plan: {
    full: { rounds: 9, samples: 60, blockMs: 3000, pauseMs: 50, freeScrapes: 20 },
    quick: { blockMs: 1500, pauseMs: 20, freeScrapes: 5 },
  },
  cases: [
    ...starts,
    ...memories,
    {
      name: 'server-scrapes',
      work: { promark: (options) => scrapes(10_000, options) },
      rows: [
        { work: 'scrape of 10 000 series, main thread free', value: 'freeMs', unit: 'ms', against: 'itself' },
        { work: 'the same, main thread blocked', value: 'blockedMs', unit: 'ms', against: 'itself' },
        { work: 'the first one that finds it blocked', value: 'firstMs', unit: 'ms', against: 'itself' },
      ],
    },
    {
      name: 'server-inc',
      work: {
        promark: async (options) => ({ inc: await inc(true, options) }),
        limit: async (options) => ({ inc: await inc(false, options) }),
      },
      limit: 'without a server',
      rows: [{ work: 'bound child `inc()` while there is a server', value: 'inc', unit: 'ns', against: 'limit' }],
    },
  ],
};
