// Scrapes gauges that are reset and filled again, from the server's own thread, and counts pages that show this half done.
// Usage: npm run build && node test/load/refill.mjs [seconds]. Loopback only; stops by itself.

import { Agent, get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { Gauge, Registry, startHttpServer } from 'promark';
import { readCommandLine, rule } from '../../scripts/program.mjs';

const { operands } = readCommandLine(import.meta.url, { operands: { most: 1, rule: rule.number(0) } });
const seconds = Number(operands[0] ?? 5);
const agent = new Agent({ keepAlive: true });

function page(url) {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece) => {
        text += piece;
      });
      response.on('end', () => resolve(text));
    });
    request.on('error', reject);
  });
}

/** A gauge whose series all have the number of the last round, which is never 0. */
function refilled(series, millis = 0) {
  const registry = new Registry({ maxSeries: 0 });
  const gauge = new Gauge({ name: 'g', help: 'g', labelNames: ['id'], registers: [registry] });
  let round = 0;
  const refill = () => {
    round += 1;
    gauge.reset();
    const start = performance.now();
    for (let id = 0; id < series; id++) {
      gauge.set({ id }, round);
      while (performance.now() < start + (id * millis) / series);
    }
  };
  refill();
  return { registry, gauge, refill };
}

async function scenario(name, series, { scrapers, millis, prepare, timeout }) {
  const { registry, gauge, refill } = refilled(series, millis);
  const server = await startHttpServer({ registry, port: 0, host: '127.0.0.1', mainThreadTimeoutMs: timeout });
  const stop = prepare(gauge, refill);
  const figures = { pages: 0, 'lack series': 0, 'series twice': 0, 'show a 0': 0, 'mix rounds': 0 };
  const end = performance.now() + seconds * 1000;
  const scrape = async () => {
    while (performance.now() < end) {
      const lines = [...(await page(server.url)).matchAll(/^g\{id="(\d+)"\} (.*)$/gm)];
      const ids = new Set(lines.map(([, id]) => id));
      const values = new Set(lines.map(([, , value]) => value));
      figures.pages += 1;
      if (ids.size < series) figures['lack series'] += 1;
      if (ids.size < lines.length) figures['series twice'] += 1;
      if (values.has('0')) figures['show a 0'] += 1;
      if (values.size > 1) figures['mix rounds'] += 1;
      // Lets other work of this thread have its turn.
      await delay(0);
    }
  };
  await Promise.all(Array.from({ length: scrapers }, scrape));
  stop();
  await server.close();
  console.log(
    `${name}: ${Object.entries(figures)
      .map(([what, count]) => `${count} ${what}`)
      .join(', ')}`,
  );
}

const byCollect = (gauge, refill) => {
  gauge.collect = refill;
  return () => {
    gauge.collect = undefined;
  };
};

const byTimer = (_gauge, refill) => {
  const timer = setInterval(refill, 20);
  return () => clearInterval(timer);
};

const bySteps = (gauge, refill) => {
  gauge.collect = async () => {
    gauge.reset();
    await delay(5);
    refill();
  };
  return () => {
    gauge.collect = undefined;
  };
};

await scenario('collect of 400 ms, 200 series, one scraper', 200, { scrapers: 1, millis: 400, prepare: byCollect });
await scenario('the same, with answers within 20 ms', 200, {
  scrapers: 1,
  millis: 400,
  prepare: byCollect,
  timeout: 20,
});
await scenario('short collect, 300 series, two scrapers', 300, { scrapers: 2, prepare: byCollect });
await scenario('timer of 20 ms, 300 series, one scraper', 300, { scrapers: 1, prepare: byTimer });
await scenario('asynchronous collect, 300 series, two scrapers', 300, { scrapers: 2, prepare: bySteps });
agent.destroy();
