import { inc, memory, scraped, scrapes, stall, start } from './work.mjs';

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
    quick: { blockMs: 1500, pauseMs: 20, freeScrapes: 5, turns: 2, turnMs: 500 },
  },
  cases: [
    ...starts,
    ...memories,
    ...[false, true].map((asks) => ({
      name: asks ? 'server-scrapes-asking' : 'server-scrapes',
      work: { promark: (options) => scrapes(10_000, asks, options) },
      rows: [
        {
          work: `scrape of 10 000 series${asks ? ' and a function' : ''}, main thread free`,
          value: 'freeMs',
          unit: 'ms',
          against: 'itself',
        },
        { work: 'the same, main thread blocked', value: 'blockedMs', unit: 'ms', against: 'itself' },
        { work: 'the first one while it is blocked', value: 'firstMs', unit: 'ms', against: 'itself' },
      ],
    })),
    ...[false, true].map((asks) => ({
      name: asks ? 'server-scrapers-asking' : 'server-scrapers',
      work: { promark: (options) => scraped(10_000, asks, { turns: 5, turnMs: 1000, scrapeMs: 250, ...options }) },
      rows: [
        {
          work: `recording all the time under two scrapers of 10 000 series${asks ? ' and a function' : ''}, share of without`,
          value: 'recorded',
          unit: '×',
          against: 'itself',
          atLeast: 0.97,
        },
        { work: 'scrape meanwhile, all changed', value: 'busyMs', unit: 'ms', against: 'itself' },
        { work: 'the same, the program idle', value: 'idleMs', unit: 'ms', against: 'itself' },
        {
          work: 'scrape meanwhile, against that of an idle program',
          value: 'busyMs',
          unit: 'ms',
          against: 'own',
          limit: 'idleMs',
          ...(!asks && { atMost: 1.1 }),
        },
      ],
    })),
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
