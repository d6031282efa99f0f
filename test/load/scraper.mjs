// The scraper of the attacks: a process of its own, so that its figures are not those of the attacker's event loop.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** Starts a scraper. The returned function stops it and returns how long it has waited for its pages. */
export async function scrapeMeanwhile(port) {
  const scraper = fork(fileURLToPath(import.meta.url), [String(port)], { execArgv: [] });
  await once(scraper, 'message');
  return async () => {
    scraper.send('stop');
    const [figures] = await once(scraper, 'message');
    scraper.kill('SIGKILL');
    return figures;
  };
}

/** What a scraper has seen, in words. */
export function inWords({ scrapes, failed, min, median, p99, most }) {
  return `${scrapes} scrapes, ${failed} failed, min ${min}, median ${median}, p99 ${p99}, most ${most} ms`;
}

/** Asks for the page until it is told to stop, and notes how long that takes each time. */
function scrape(port) {
  const times = [];
  let stopped = false;
  let failed = 0;
  const done = (async () => {
    while (!stopped) {
      const begin = performance.now();
      await new Promise((resolve) => {
        get({ port, host: '127.0.0.1', path: '/metrics', agent: false }, (response) => {
          response.resume().on('end', resolve).on('error', resolve);
          if (response.statusCode !== 200 && response.statusCode !== 401) failed += 1;
        }).on('error', () => {
          failed += 1;
          resolve();
        });
      });
      times.push(performance.now() - begin);
      await pause(50);
    }
  })();
  return async () => {
    stopped = true;
    await Promise.race([done, pause(2000)]);
    times.sort((a, b) => a - b);
    const at = (share) =>
      Number((times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? -1).toFixed(1));
    return { scrapes: times.length, failed, min: at(0), median: at(0.5), p99: at(0.99), most: at(1) };
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const stop = scrape(Number(process.argv[2]));
  process.send('started');
  await once(process, 'message');
  process.send(await stop());
}
