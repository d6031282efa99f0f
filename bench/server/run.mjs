// Measures the server in its own thread: its start, its memory, its answers while the program stands still, and what
// recording costs beside it. On loopback only.
//
//   node bench/server/run.mjs            9 rounds; writes bench/results/server.json
//   node bench/server/run.mjs --quick    1 short round; writes nothing
//
// The build has to be there (npm run build).
import { mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { median } from '../harness/loop.mjs';
import { machine } from '../harness/machine.mjs';
import { inc, memory, scrapes, stall, start } from './cases.mjs';

const quick = process.argv.includes('--quick');
const plan = quick
  ? { rounds: 1, sampleMs: 5, samples: 3, blockMs: 1500, pauseMs: 20, freeScrapes: 5 }
  : { rounds: 9, sampleMs: 10, samples: 60, blockMs: 3000, pauseMs: 50, freeScrapes: 20 };

const MEBIBYTE = 2 ** 20;
const STARTS = [0, 10_000, 100_000];
const MEMORIES = [0, 10_000];
const due = {
  ...Object.fromEntries(
    STARTS.flatMap((series) => [
      [`start ${series}`, () => start(series)],
      [`stall ${series}`, () => stall(series)],
    ]),
  ),
  ...Object.fromEntries(
    MEMORIES.flatMap((series) => [
      [`memory ${series} without`, () => memory(series, false)],
      [`memory ${series} with`, () => memory(series, true)],
    ]),
  ),
  scrapes: () => scrapes(10_000, plan),
  'inc without': () => inc(false, plan),
  'inc with': () => inc(true, plan),
};

const startedAt = new Date().toISOString();
const loadBefore = os.loadavg()[0];
const rounds = [];
for (let round = 0; round < plan.rounds; round++) {
  const results = {};
  const names = Object.keys(due);
  // Every other round goes backwards, so that nobody is always measured first.
  for (const name of round % 2 === 0 ? names : names.reverse()) {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${round + 1}/${plan.rounds} ${name}`);
    results[name] = await due[name]();
  }
  rounds.push(results);
}

const rows = [
  ['what', 'measured', 'target'],
  ['---', '---:', '---'],
  ...STARTS.flatMap((series) => [
    [`start, ${series} series`, ms((one) => one[`start ${series}`].wall), '≤ 80 ms'],
    ['the same, time of the processor', ms((one) => one[`start ${series}`].cpu), ''],
    ['the same, longest stall of the program', ms((one) => one[`stall ${series}`]), ''],
  ]),
  ...MEMORIES.flatMap((series) => [
    [`memory, ${series} series, before a scrape`, memoryOf(series, 'started'), '≤ 20 MB'],
    ['the same, after a scrape', memoryOf(series, 'scraped'), '≤ 20 MB'],
  ]),
  ['scrape of 10000 series, main thread free', ms((one) => one.scrapes.freeMs), ''],
  ['the same, main thread blocked', ms((one) => one.scrapes.blockedMs), ''],
  ['the first one that finds it blocked', ms((one) => one.scrapes.firstMs), ''],
  ['bound child `inc()`, beside the server', incRatio(), ''],
];
const lines = table(rows);
console.log(lines.join('\n'));
if (!quick) {
  const out = new URL('../results/server.json', import.meta.url);
  await mkdir(new URL('.', out), { recursive: true });
  const results = { startedAt, loadBefore, loadAfter: os.loadavg()[0], ...machine(), plan, table: lines, rounds };
  await writeFile(out, `${JSON.stringify(results, rounded, 2)}\n`);
}

function ms(value) {
  return `${median(rounds.map(value)).toFixed(1)} ms`;
}

/** What the server takes, by the difference within each round. */
function memoryOf(series, when) {
  const more = rounds.map((one) => one[`memory ${series} with`][when] - one[`memory ${series} without`][when]);
  return `${(median(more) / MEBIBYTE).toFixed(1)} MB`;
}

function incRatio() {
  const ratio = median(rounds.map((one) => one['inc with'] / one['inc without']));
  return `${ratio.toFixed(2)} × (${median(rounds.map((one) => one['inc with'])).toFixed(1)} ns)`;
}

function table(cells) {
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  return cells.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`);
}

function rounded(_key, value) {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
}
