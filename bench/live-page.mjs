// Measures the live page with 10 000 changing series: script time per frame while the table of all series is scrolled in
// Chromium, and the share of a core that the server's thread uses with one viewer and with ten.
//
//   npm run build && node bench/live-page.mjs             writes bench/results/live-page.json
//   npm run build && node bench/live-page.mjs --frames    only script time per frame; writes nothing
import { fork } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { getPriority, loadavg, setPriority } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { Counter, Registry, startHttpServer } from 'promark';
import { readCommandLine } from '../scripts/program.mjs';
import { machine } from './harness/machine.mjs';
import { resultsFile, writeResults } from './harness/results.mjs';
import { percentile } from './http/percentile.mjs';

const SERIES = 10_000;
const SECONDS = 10;
const FRAMES = 300;

/** Events that run scripts. Nested ones are skipped: their time is included in the outer ones. */
const SCRIPTS = new Set([
  'FunctionCall',
  'FireAnimationFrame',
  'TimerFire',
  'EventDispatch',
  'RunMicrotasks',
  'v8.callFunction',
]);

async function view(url) {
  for (let known = ''; ; ) {
    const start = performance.now();
    const { epoch, seq } = await (await fetch(`${url}live.json?since=${known}`)).json();
    known = `${epoch}.${seq}`;
    await pause(Math.max(0, 1000 - (performance.now() - start)));
  }
}

const [flag, address, viewers] = process.argv.slice(2);
if (flag === '--view') await Promise.all(Array.from({ length: Number(viewers) }, () => view(address)));
else
  await measure(readCommandLine(import.meta.url, { options: { frames: { type: 'boolean', default: false } } }).values);

async function measure({ frames: onlyFrames }) {
  const [startedAt, [before]] = [new Date().toISOString(), loadavg()];
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
  const shares = onlyFrames ? undefined : await measureShares(url);
  const times = await frames(url);
  clearInterval(timer);
  await server.close();

  const summary = (key) => {
    const values = times.map((time) => time[key]);
    const milliseconds = (q) => Number(percentile(values, q).toFixed(2));
    return { p50: milliseconds(0.5), p95: milliseconds(0.95), most: milliseconds(1) };
  };
  const scrolling = { frames: times.length, ofTheThread: summary('cpu'), byTheClock: summary('wall') };
  console.log(`script of a frame while scrolling, in ms: ${JSON.stringify(scrolling)} (p95 of the thread at most 4)`);
  if (shares === undefined) return;
  console.log(`shares of one core, in percent: ${JSON.stringify(shares)} (one at most 5, ten at most 8, afterwards 0)`);
  await writeResults(resultsFile('live-page'), {
    startedAt,
    machine: machine(),
    load: { before, after: loadavg()[0] },
    plan: { series: SERIES, secondsPerShare: SECONDS, frames: FRAMES },
    percentOfACore: shares,
    millisecondsOfScriptPerFrame: scrolling,
  });
}

/** The server's cost for viewers, in percent of a core, excluding the cost of the program itself. */
async function measureShares(url) {
  const own = await share(url, 0);
  const [one, ten, afterwards] = [await share(url, 1), await share(url, 10), await share(url, 0)];
  const percent = (value) => Number((value * 100).toFixed(1));
  return {
    program: percent(own),
    oneViewer: percent(one - own),
    tenViewers: percent(ten - own),
    nobodyAfterwards: percent(afterwards - own),
  };
}

/** The share of a core used by this process while viewers poll once a second, excluding the cost of recording. */
async function share(url, viewers) {
  // In another process, whose time is not counted.
  const others = fork(import.meta.filename, ['--view', url, String(viewers)]);
  await pause(3000);
  const [cpu, start] = [process.cpuUsage(), performance.now()];
  await pause(SECONDS * 1000);
  const { user, system } = process.cpuUsage(cpu);
  const used = (user + system) / 1000 / (performance.now() - start);
  others.kill();
  return used;
}

/**
 * Scrolls the table of all series. Returns for each frame the milliseconds of its scripts: thread time and wall time,
 * which continues while other programs use the core.
 */
async function frames(url) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(url);
  await page.locator('.series-viewport').waitFor();
  await pause(5000);
  raisePriorities();
  await page.evaluate(`document.querySelector('.series-viewport').scrollIntoView()`);
  await pause(1000);
  await browser.startTracing(page, { categories: ['devtools.timeline'] });
  await page.evaluate(`(async () => {
    const viewport = document.querySelector('.series-viewport');
    for (let i = 0; i < ${FRAMES}; i++) {
      viewport.scrollTop += 90;
      await new Promise(requestAnimationFrame);
    }
  })()`);
  const { traceEvents } = JSON.parse(await browser.stopTracing());
  await browser.close();
  return scriptByFrame(traceEvents);
}

/** Chromium sets its own process priorities; raising them keeps others from running in between. */
function raisePriorities() {
  const own = getPriority();
  if (own >= 0) return;
  const threads = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isDescendant(Number(name)))
    .flatMap((name) => readdirSync(`/proc/${name}/task`));
  for (const thread of threads) setPriority(Number(thread), own);
}

function isDescendant(pid) {
  for (let id = pid; id > 1; ) {
    if (id === process.pid) return id !== pid;
    try {
      id = Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${id}/stat`, 'utf8'))[1]);
    } catch {
      return false;
    }
  }
  return false;
}

function scriptByFrame(events) {
  // The page's thread: the one with animation frames.
  const { pid, tid } = events.find(({ name }) => name === 'FireAnimationFrame');
  const own = events
    .filter((event) => event.pid === pid && event.tid === tid && event.ph === 'X' && SCRIPTS.has(event.name))
    .sort((a, b) => a.ts - b.ts || b.dur - a.dur);
  const times = [];
  let [end, frame] = [0, undefined];
  for (const { name, ts, dur, tdur } of own) {
    if (ts < end) continue;
    end = ts + dur;
    // Callbacks of one frame follow each other immediately.
    if (name === 'FireAnimationFrame' && (frame === undefined || ts - frame > 4000)) {
      times.push({ cpu: 0, wall: 0 });
      frame = ts;
    }
    const current = times.at(-1);
    if (current === undefined) continue;
    current.cpu += tdur / 1000;
    current.wall += dur / 1000;
  }
  return times;
}
