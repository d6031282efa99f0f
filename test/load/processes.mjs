// Attacks on metrics of several processes, longer than CI has time for:
//
//   node test/load/processes.mjs load [mapped|buffered] [seconds]   kills workers under full load
//   node test/load/processes.mjs kills [all|mapped|buffered|fold] [n]   kills processes at every step of their work
//   node test/load/processes.mjs torn [seconds]                     reads a file while its process counts
//   node test/load/processes.mjs growth [n]                         lets n short-lived processes come and go
//   node test/load/processes.mjs chart                              draws what came out of that in docs/images/
//
// Exits with 1 if a view was wrong. With SAVE=1, what came out is kept in test/load/results/.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { getPriority, loadavg, setPriority, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { readCommandLine } from '../../scripts/program.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const place = mkdtempSync(join(tmpdir(), 'promark-load-'));
const folder = join(place, 'metrics');
mkdirSync(folder, { mode: 0o700 });
process.on('exit', () => rmSync(place, { recursive: true, force: true }));

const {
  operands: [what = 'load', ...args],
  refuse,
} = readCommandLine(import.meta.url, { operands: { most: 3 } });
const ATTACKS = ['load', 'kills', 'torn', 'growth', 'chart'];
if (!ATTACKS.includes(what)) refuse(`expected one of ${ATTACKS.join(', ')}, got "${what}".`);
await build({
  entryPoints: ['counting.program.ts', 'steps.program.ts', 'kills.ts', 'growth.ts'].map((file) =>
    join(root, 'test/processes', file),
  ),
  outdir: place,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  alias: { promark: join(root, 'lib/index.ts') },
  define: { 'import.meta.dirname': JSON.stringify(join(root, 'test/support')) },
});
const { run, sizeOf, view } = await import(pathToFileURL(join(place, 'kills.mjs')).href);

let wrong = 0;
function fault(message) {
  wrong += 1;
  console.log(`WRONG: ${message}`);
}

/** Prints what came out, and keeps it if asked to. */
function report(name, result) {
  const about = { node: process.version, load: loadavg()[0], ...result };
  console.log(name, JSON.stringify(about));
  if (process.env.SAVE !== '1') return;
  const results = join(root, 'test/load/results');
  mkdirSync(results, { recursive: true });
  writeFileSync(join(results, `processes-${name}.json`), `${JSON.stringify(about, undefined, 2)}\n`);
}

function bytes(pattern) {
  return readdirSync(place)
    .filter((name) => name.startsWith(pattern))
    .reduce((sum, name) => sum + statSync(join(place, name)).size, 0);
}

/** Milliseconds between two kills, and the least time for which the killed one has counted. */
const KILL_MS = 300;
const COUNTED_MS = 500;
/** Workers that have been started before their turn comes. */
const IN_RESERVE = 12;
/** The interval at which files that are not mapped are written, by default. */
const WINDOW_MS = 250;
/** How often it is noted how far each worker is. */
const NOTE_MS = 25;

/** Starts a worker that counts a little from time to time. */
async function reserve(number, kind) {
  const log = join(place, `log-${number}`);
  const env = { ...process.env, PROMETHEUS_MULTIPROC_DIR: folder, LOG: log, WHO: 'load', SLOW: '1' };
  if (kind === 'mapped') env.NODE_PATH = join(root, 'node_modules');
  const program = join(place, 'counting.program.mjs');
  const child = spawn(process.execPath, [program], { env, stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdin.on('error', () => {});
  const [line] = await once(child.stdout, 'data');
  return { child, log, url: String(line).trim(), since: Date.now(), notes: [] };
}

/** Lets a worker count as fast as it can, on the time that starting processes and scrapes leave. */
function speedUp(one) {
  setPriority(one.child.pid, Math.min(19, getPriority() + 10));
  one.child.stdin.write('fast\n');
  one.since = Date.now();
  return one;
}

async function worker(number, kind) {
  return speedUp(await reserve(number, kind));
}

/** Notes how much a worker has logged by now. */
function note({ log, notes }) {
  notes.push({ at: Date.now(), size: sizeOf(log) });
  while (notes.length > 1 && notes[1].at < Date.now() - 2 * WINDOW_MS) notes.shift();
}

/** What a worker has logged in the time in which a file that is not mapped may not have been written. */
function loggedInWindow(worker) {
  note(worker);
  const { notes } = worker;
  const before = notes.findLast(({ at }) => at <= Date.now() - WINDOW_MS) ?? notes[0];
  return notes.at(-1).size - before.size;
}

function totalOn(page) {
  return Number(/^all_total (\S+)$/m.exec(page)?.[1] ?? Number.NaN);
}

async function load(kind = 'mapped', seconds = '60') {
  let number = 0;
  let isRunning = true;
  // Workers take a while to start: those that take the place of killed ones count already, a little at a time.
  const spare = [];
  const starting = async () => {
    while (isRunning) {
      if (spare.length < IN_RESERVE) spare.push(await reserve(number++, kind));
      else await pause(50);
    }
  };
  const starters = Array.from({ length: 3 }, starting);
  while (spare.length < IN_RESERVE) await pause(50);
  const workers = spare.splice(0, 4).map(speedUp);
  const noting = setInterval(() => [...workers, ...spare].forEach(note), NOTE_MS);
  const start = Date.now();
  const end = start + Number(seconds) * 1000;
  let kills = 0;
  let late = 0;
  let scrapes = 0;
  let killedWhileScraped = 0;
  let isNew = true;
  let last = 0;
  let slowest = 0;
  let inWindow = 0;
  const killed = new Set();
  const kill = (victim) => {
    victim.child.kill('SIGKILL');
    inWindow += loggedInWindow(victim);
    killed.add(victim.url);
    kills += 1;
  };
  const scraping = (async () => {
    while (isRunning) {
      // One that counts as fast as it can, and one that will live longer, in turn.
      const { url } = (isNew ? workers : spare).at(-1) ?? workers.at(-1);
      isNew = !isNew;
      const start = performance.now();
      try {
        const text = await (await fetch(url)).text();
        const total = totalOn(text);
        if (!(total >= last)) fault(`the total fell from ${last} to ${total}`);
        last = total;
        for (const name of ['users', 'best', 'seconds_count', 'latency_count', 'load', 'build_info']) {
          if (!text.includes(`\n${name}`)) fault(`${name} is missing`);
        }
        scrapes += 1;
        if (scrapes % 10 === 0) console.log(`${scrapes} scrapes, ${kills} kills, ${total} increments, ${wrong} wrong`);
        slowest = Math.max(slowest, performance.now() - start);
      } catch (error) {
        // The worker was killed while it answered.
        if (killed.has(url)) killedWhileScraped += 1;
        else fault(String(error));
      }
      await pause(1000);
    }
  })();
  for (let due = start + KILL_MS; due < end; due += KILL_MS) {
    await pause(Math.max(0, due - Date.now()));
    // The oldest one; there are always four.
    while (Date.now() - workers[0].since < COUNTED_MS || spare.length === 0) await pause(10);
    if (Date.now() - due > KILL_MS) {
      late += 1;
      due = Date.now();
    }
    kill(workers.shift());
    workers.push(speedUp(spare.shift()));
  }
  const took = (Date.now() - start) / 1000;
  isRunning = false;
  await Promise.all([scraping, ...starters]);
  clearInterval(noting);
  const atTheEnd = workers.length + spare.length;
  for (const one of workers) kill(one);
  for (const one of spare) kill(one);
  await pause(200);
  const logged = bytes('log-');
  const shown = await view(folder);
  for (const message of shown.wrong) fault(message);
  const lost = logged - shown.total;
  // What has been counted when a process is killed may not be logged yet, one increment for each.
  if (lost < -kills || lost > (kind === 'mapped' ? 0 : inWindow))
    fault(
      `${logged} increments, ${shown.total} shown, ${kills} kills, ${inWindow} increments in the last ${WINDOW_MS} ms`,
    );
  report(`load-${kind}`, {
    seconds: Math.round(took),
    logged,
    shown: shown.total,
    lost,
    ...(kind === 'buffered' && { loggedInLast250Ms: inWindow }),
    kills: kills - atTheEnd,
    killsThatWereLate: late,
    scrapes,
    killedWhileScraped,
    slowestScrapeMs: Math.round(slowest),
    filesLeft: readdirSync(folder).length,
    wrong,
  });
}

/** Kills processes of one kind, one after the other, in a folder of their own. */
async function killAll(work, count, killed) {
  const lane = mkdtempSync(join(place, 'kills-'));
  const folder = join(lane, 'metrics');
  mkdirSync(folder, { mode: 0o700 });
  const log = join(lane, 'log');
  const program = join(place, 'steps.program.mjs');
  let before = await view(folder);
  let steps = 0;
  for (let kill = 0; kill < count; ) {
    if (work === 'fold' && kill % 3 === 0) {
      await run(program, folder, 'dead', 0, log);
      before = await view(folder);
      if (before.total !== sizeOf(log)) fault(`${before.total} shown of ${sizeOf(log)}`);
    }
    if (steps === 0) {
      steps = await run(program, folder, work, 0, log);
      before = await view(folder);
      continue;
    }
    const logged = sizeOf(log);
    const killAt = 1 + ((kill * 7) % steps);
    await run(program, folder, work, killAt, log);
    const after = await view(folder);
    for (const message of after.wrong) fault(message);
    const gained = after.total - before.total - (sizeOf(log) - logged);
    if (gained > 1 || gained < (work === 'buffered' ? -20 : 0)) fault(`${work}, step ${killAt}: off by ${gained}`);
    before = after;
    kill += 1;
    killed(work, steps);
    // Otherwise each view would read hundreds of files.
    if (work !== 'fold' && kill % 20 === 0) {
      await run(program, folder, 'fold', 0, log);
      if ((await view(folder)).total !== before.total) fault('folding changed the total');
    }
  }
  rmSync(lane, { recursive: true, force: true });
}

async function kills(work = 'all', count = '500') {
  const works = work === 'all' ? ['fold', 'mapped', 'buffered'] : [work];
  const share = Math.ceil(Number(count) / works.length);
  const result = Object.fromEntries(works.map((one) => [one, { kills: 0, steps: 0 }]));
  const start = Date.now();
  const killed = (one, steps) => {
    result[one] = { kills: result[one].kills + 1, steps };
    const all = works.reduce((sum, each) => sum + result[each].kills, 0);
    if (all % 20 === 0) console.log(`${all} kills in ${((Date.now() - start) / 1000).toFixed(0)} s, ${wrong} wrong`);
  };
  await Promise.all(works.map((one) => killAll(one, share, killed)));
  report('kills', { ...result, wrong });
}

async function torn(seconds = '60') {
  const { child } = await worker(0, 'mapped');
  const end = Date.now() + Number(seconds) * 1000;
  let views = 0;
  let last = 0;
  while (Date.now() < end) {
    const { total, wrong: messages } = await view(folder);
    views += 1;
    for (const message of messages) fault(message);
    if (!(total >= last && Number.isInteger(total) && total <= last + 1e8))
      fault(`the total went from ${last} to ${total}`);
    last = total;
  }
  child.kill('SIGKILL');
  report('torn', { seconds: Number(seconds), views, increments: last, wrong });
}

/**
 * The folder and its page while many short-lived processes come and go, next to four that live: 20 end between two scrapes.
 * Their files are written as theirs would be, without starting that many programs.
 */
async function growth(count = '10000') {
  const { filesIn, pageOf, writeFile } = await import(pathToFileURL(join(place, 'growth.mjs')).href);
  for (let i = 0; i < 4; i++) writeFile(folder, true);
  const page = pageOf(folder);
  const times = [];
  for (let i = 0; i < 200; i++) times.push((await page()).ms);
  const alone = median(times.slice(100));
  const points = [{ ended: 0, files: filesIn(folder), ms: round(alone) }];
  let most = 0;
  let since = [];
  let changing = [];
  for (let ended = 20; ended <= Number(count); ended += 20) {
    for (let i = 0; i < 20; i++) writeFile(folder, false);
    most = Math.max(most, filesIn(folder));
    // The first scrape reads the new files, which are added up after it, and the second one the sum of them.
    const first = await page();
    await pause(0);
    if (first.jobs !== ended + 4) fault(`${first.jobs} instead of ${ended + 4}`);
    changing.push(first.ms, (await page()).ms);
    for (let i = 0; i < 5; i++) since.push((await page()).ms);
    if (ended % (Number(count) / 20) !== 0) continue;
    points.push({ ended, files: filesIn(folder), ms: round(median(since)), msWithFold: round(median(changing)) });
    [since, changing] = [[], []];
    console.log(JSON.stringify(points.at(-1)));
  }
  const slower = round(points.at(-1).ms / alone);
  if (most > 100) fault(`${most} files`);
  report('growth', { ended: Number(count), mostFiles: most, aloneMs: round(alone), slower, points, wrong });
}

/** Files of the folder and the time of a scrape, over the processes that have ended. */
function chart() {
  const { points } = JSON.parse(readFileSync(join(root, 'test/load/results/processes-growth.json'), 'utf8'));
  const most = points.at(-1).ended;
  const line = (value, top) =>
    points.map(
      (point) => `${(60 + (point.ended / most) * 600).toFixed(0)},${(220 - (value(point) / top) * 180).toFixed(1)}`,
    );
  const topMs = Math.ceil(2 * Math.max(...points.map(({ ms }) => ms)));
  const text = (x, y, words, more = '') => `<text x="${x}" y="${y}"${more}>${words}</text>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 260" width="720" height="260" role="img">
<title>Files and scrapes while ${most} processes come and go</title>
<style>text{font:11px system-ui,sans-serif;fill:#6b7280}polyline{fill:none;stroke-width:2}</style>
<path d="M60 40V220H660" fill="none" stroke="#9ca3af"/>
<polyline stroke="#2563eb" points="${line(({ files }) => files, 100).join(' ')}"/>
<polyline stroke="#f59e0b" points="${line(({ ms }) => ms, topMs).join(' ')}"/>
${text(60, 20, 'files between scrapes (blue, scale to 100)', ' style="fill:#2563eb"')}
${text(330, 20, `median scrape (orange, scale to ${topMs} ms)`, ' style="fill:#b45309"')}
${text(60, 240, '0')}${text(600, 240, `${most} ended`)}
</svg>
`;
  writeFileSync(join(root, 'docs/images/processes-growth.svg'), svg);
}

function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
}

function round(number) {
  return Math.round(number * 100) / 100;
}

await { load, kills, torn, growth, chart }[what](...args);
process.exit(wrong > 0 ? 1 : 0);
