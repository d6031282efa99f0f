// What is measured of the server. Each measurement drives a program of its own.
import { median } from '../harness/loop.mjs';
import { driven, scrape } from './driven.mjs';

const STANDS_STILL = /^promark_main_thread_responsive 0$/m;

/** How long the start takes. */
export const start = (series) =>
  driven(series, async (tell) => {
    const { wall, cpu } = await tell('start');
    return { wall, cpu };
  });

/** How long the start keeps the program from anything else. */
export const stall = (series) => driven(series, (tell) => tell('stall'));

/** Megabytes of a program when its server has started, and when it has been scraped; or all the time without one. */
export const memory = (series, served) =>
  driven(series, async (tell) => {
    const { url } = served ? await tell('start') : {};
    const megabytes = async () => (await tell('rss')) / 2 ** 20;
    const started = await megabytes();
    if (served) await scrape(url);
    return { started, scraped: await megabytes() };
  });

/** How long a scrape takes while the program gives way, and while it stands still. All series change in between. */
export const scrapes = (series, { blockMs, pauseMs, freeScrapes }) =>
  driven(series, async (tell) => {
    const pause = () => new Promise((resolve) => setTimeout(resolve, pauseMs));
    const { url } = await tell('start');
    for (let i = 0; i < 3; i++) await scrape(url);
    await tell('count');
    const free = [];
    while (free.length < freeScrapes) {
      await pause();
      const { ms, page } = await scrape(url);
      if (!STANDS_STILL.test(page)) free.push(ms);
    }
    let over = false;
    const end = tell('block', { ms: blockMs }).then(() => {
      over = true;
    });
    const blocked = [];
    while (!over) {
      await pause();
      const { ms, page } = await scrape(url);
      if (STANDS_STILL.test(page)) blocked.push(ms);
    }
    await end;
    // The first one has to find out.
    return { freeMs: median(free), firstMs: blocked[0], blockedMs: median(blocked.slice(1)) };
  });

/** What recording costs, with such a server or without one. */
export const inc = (served, options) =>
  driven(0, async (tell) => {
    if (served) await tell('start');
    return tell('inc', options);
  });
