// The measurements of the server. Each one drives a separate program.
import { median } from '../harness/loop.mjs';
import { driven, scrape } from './driven.mjs';

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

/**
 * Duration of a scrape while the program yields, and while it is blocked. All series change in between. `asks`: whether
 * the program has to be asked for a value before each page.
 */
export const scrapes = (series, asks, { blockMs, pauseMs, freeScrapes }) =>
  driven(series, async (request) => {
    if (asks) await request('compute');
    const pause = () => new Promise((resolve) => setTimeout(resolve, pauseMs));
    const { url } = await request('start');
    for (let i = 0; i < 3; i++) await scrape(url);
    await request('count');
    const free = [];
    while (free.length < freeScrapes) {
      await pause();
      free.push((await scrape(url)).ms);
    }
    let over = false;
    const end = request('block', { ms: blockMs }).then(() => {
      over = true;
    });
    const blocked = [];
    while (!over) {
      await pause();
      const { ms } = await scrape(url);
      if (!over) blocked.push(ms);
    }
    await end;
    // The first scrape has to detect the stall if the program must be asked.
    return { freeMs: median(free), firstMs: blocked[0], blockedMs: median(blocked.slice(1)) };
  });

/**
 * Two scrapers, and a program that records all the time. It records with them and without in turn, and they scrape it
 * while it records and while it is idle, so that other load on the machine affects all alike. They are paced: as fast as
 * they can, they and the server's thread would take both cores from the program.
 */
export const scraped = (series, asks, { turns, turnMs, scrapeMs }) =>
  driven(series, async (request) => {
    if (asks) await request('compute');
    const { url } = await request('start');
    const scrapedWhile = async (what) => {
      const times = [];
      let over = false;
      const scraper = async (delay) => {
        await new Promise((resolve) => setTimeout(resolve, delay));
        while (!over) {
          const { ms } = await scrape(url);
          times.push(ms);
          await new Promise((resolve) => setTimeout(resolve, scrapeMs - ms));
        }
      };
      const scrapers = [scraper(0), scraper(scrapeMs / 2)];
      const result = await request(what, { ms: turnMs });
      over = true;
      await Promise.all(scrapers);
      return { result, times };
    };
    const alone = [];
    const recorded = [];
    const busy = [];
    const idle = [];
    for (let turn = -1; turn < turns; turn++) {
      const without = await request('record', { ms: turnMs });
      const during = await scrapedWhile('record');
      const paced = await scrapedWhile('pace');
      // The first turn is for the compiler.
      if (turn < 0) continue;
      alone.push(without);
      recorded.push(during.result / without);
      busy.push(...during.times);
      idle.push(...paced.times);
    }
    return {
      recorded: median(recorded),
      alone: median(alone),
      busyMs: median(busy),
      idleMs: median(idle),
    };
  });

/** The cost of recording, with such a server or without. */
export const inc = (served, options) =>
  driven(0, async (request) => {
    if (served) await request('start');
    return request('inc', options);
  });
