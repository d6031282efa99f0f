// Measures the live page at 10 000 series, all of which change: the script of a frame while the table of all series is
// scrolled in Chromium, and what the server's thread takes of a core with one viewer and with ten.
//
//   npm run build && node bench/live-page.mjs
import { fork } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { Counter, Registry, startHttpServer } from 'promark';
import { percentile } from './http/percentile.mjs';

const SERIES = 10_000;
const SECONDS = 15;

async function view(url) {
  for (let known = ''; ; ) {
    const start = performance.now();
    const { epoch, seq } = await (await fetch(`${url}live.json?since=${known}`)).json();
    known = `${epoch}.${seq}`;
    await pause(Math.max(0, 1000 - (performance.now() - start)));
  }
}

const [address, viewers] = process.argv.slice(2);
if (address === undefined) await measure();
else await Promise.all(Array.from({ length: Number(viewers) }, () => view(address)));

async function measure() {
  const registry = new Registry({ maxSeries: 0 });
  const jobs = new Counter({ name: 'jobs_total', help: 'Jobs', labelNames: ['n'], registers: [registry] });
  const children = Array.from({ length: SERIES }, (_, n) => jobs.labels(String(n)));
  const record = () => {
    for (const child of children) child.inc();
  };
  record();
  const timer = setInterval(record, 1000);
  const server = await startHttpServer({ port: 0, host: '127.0.0.1', registry });
  const url = new URL('/', server.url).href;

  const idle = await share(url, 0);
  const [one, ten] = [await share(url, 1), await share(url, 10)];
  const times = await frames(url);
  clearInterval(timer);
  await server.close();
  const milliseconds = (q) => `${percentile(times, q).toFixed(2)} ms`;
  const percent = (value) => `${(value * 100).toFixed(1)} %`;
  console.log(
    `${SERIES} series, all changing every second; shares of one core, without the ${percent(idle)} of the program itself`,
  );
  console.log(`one viewer: ${percent(one - idle)}`);
  console.log(`ten viewers: ${percent(ten - idle)}`);
  console.log(
    `script of a frame while scrolling, ${times.length} frames: p50 ${milliseconds(0.5)}, p95 ${milliseconds(0.95)}`,
  );
}

/** The share of a core that this process takes while viewers ask once a second, without what recording takes. */
async function share(url, viewers) {
  // In another process, whose time is not counted.
  const others = fork(import.meta.filename, [url, String(viewers)]);
  await pause(3000);
  const [cpu, start] = [process.cpuUsage(), performance.now()];
  await pause(SECONDS * 1000);
  const { user, system } = process.cpuUsage(cpu);
  const used = (user + system) / 1000 / (performance.now() - start);
  others.kill();
  return used;
}

async function frames(url) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(url);
  await page.locator('.series-viewport').waitFor();
  await pause(5000);
  const times = await page.evaluate(`(async () => {
    const viewport = document.querySelector('.series-viewport');
    viewport.scrollIntoView();
    seriesTable.frameTimes.length = 0;
    for (let i = 0; i < 500; i++) {
      viewport.scrollTop += 90;
      await new Promise(requestAnimationFrame);
    }
    return seriesTable.frameTimes;
  })()`);
  await browser.close();
  return times;
}
