// The measurements of the server. Each one drives a separate program.
import { median } from '../harness/loop.mjs';
import { driven, scrape } from './driven.mjs';

const IS_STALLED = /^promark_main_thread_responsive 0$/m;

/** How long the server takes to start. */
export const start = (series) =>
  driven(series, async (request) => {
    const { wall, cpu } = await request('start');
    return { wall, cpu };
  });

/** How long starting the server blocks the program. */
export const stall = (series) => driven(series, (request) => request('stall'));

/** Memory of a program in megabytes, after its server has started and after a scrape; or without a server. */
export const memory = (series, served) =>
  driven(series, async (request) => {
    const { url } = served ? await request('start') : {};
    const megabytes = async () => (await request('rss')) / 2 ** 20;
    const started = await megabytes();
    if (served) await scrape(url);
    return { started, scraped: await megabytes() };
  });

/** Duration of a scrape while the program yields, and while it is blocked. All series change in between. */
export const scrapes = (series, { blockMs, pauseMs, freeScrapes }) =>
  driven(series, async (request) => {
    const pause = () => new Promise((resolve) => setTimeout(resolve, pauseMs));
    const { url } = await request('start');
    for (let i = 0; i < 3; i++) await scrape(url);
    await request('count');
    const free = [];
    while (free.length < freeScrapes) {
      await pause();
      const { ms, page } = await scrape(url);
      if (!IS_STALLED.test(page)) free.push(ms);
    }
    let over = false;
    const end = request('block', { ms: blockMs }).then(() => {
      over = true;
    });
    const blocked = [];
    while (!over) {
      await pause();
      const { ms, page } = await scrape(url);
      if (IS_STALLED.test(page)) blocked.push(ms);
    }
    await end;
    // The first scrape has to detect the stall.
    return { freeMs: median(free), firstMs: blocked[0], blockedMs: median(blocked.slice(1)) };
  });

/** The cost of recording, with such a server or without. */
export const inc = (served, options) =>
  driven(0, async (request) => {
    if (served) await request('start');
    return request('inc', options);
  });
