// Measures the decorators and prints how that compares with the targets.
//
//   node bench/decorators/run.mjs           everything; writes bench/results/decorators.json
//   node bench/decorators/run.mjs --quick   one short round; writes nothing
//
// The build has to be there (npm run build). The other decorators take part after `npm install` in this folder.
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { median } from '../harness/loop.mjs';
import { machine } from '../harness/machine.mjs';

const run = promisify(execFile);
const quick = process.argv.includes('--quick');
const plan = quick ? { rounds: 1, sampleMs: 5, samples: 5 } : { rounds: 7, sampleMs: 10, samples: 60 };
const here = (file) => fileURLToPath(new URL(file, import.meta.url));

const peers = ['@prometheus-io/client, by hand', 'prom-client, by hand', 'autometrics', 'nestjs-otel'];
const instrumented = ['timed', 'timedStaticLabel', 'timedArgumentLabel', 'counted', 'inProgress', 'asyncTimed'];
const base = ['bare', 'byHand', 'asyncBare', 'asyncByHand'];
const due = [
  ...[...base, ...instrumented].flatMap((subject) => [
    [subject, 'alone'],
    [subject, 'among'],
  ]),
  ...peers.map((peer) => [peer, 'alone']),
];

const startedAt = new Date().toISOString();
const loadBefore = os.loadavg()[0];
const rounds = [];
for (let round = 0; round < plan.rounds; round++) {
  const results = {};
  for (const [subject, company] of round % 2 === 0 ? due : [...due].reverse()) {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${round + 1}/${plan.rounds} ${subject}, ${company}`);
    const { nanoseconds } = JSON.parse((await child(subject, company, 'speed')).trim());
    if (nanoseconds !== undefined) results[`${subject} ${company}`] = nanoseconds;
  }
  rounds.push(results);
}
const garbage = {};
for (const subject of quick ? [] : ['bare', 'byHand', ...instrumented.filter((name) => !name.startsWith('async'))]) {
  garbage[subject] = await bytesPerCall(subject);
}

const speed = (subject, company = 'alone') => median(rounds.map((one) => one[`${subject} ${company}`] ?? Number.NaN));
const rows = [
  ['what', 'alone', 'among 170 instrumented methods', 'target'],
  ['---', '---', '---', '---'],
  ...['timed', 'timedStaticLabel', 'timedArgumentLabel'].map((subject, i) => {
    return [
      subject,
      ratio(subject, 'byHand'),
      ratio(subject, 'byHand', 'among'),
      `≤ ${[1.5, 1.7, 2.2][i]} × two clock reads + one observe`,
    ];
  }),
  ...['counted', 'inProgress'].map((subject) => {
    return [subject, over(subject), over(subject, 'among'), '≤ 25 ns over the bare call'];
  }),
  [
    'asyncTimed',
    ratio('asyncTimed', 'asyncByHand'),
    ratio('asyncTimed', 'asyncByHand', 'among'),
    '≤ 1.3 × try/finally by hand',
  ],
  ...peers.map((peer) => [
    peer,
    Number.isNaN(speed(peer)) ? 'not installed' : `${speed(peer).toFixed(0)} ns`,
    '',
    'for comparison',
  ]),
];
console.log(table(rows));
if (!quick) {
  console.log(
    '\nAllocated during ten million calls, by --trace-gc. A number that is not whole takes 16 bytes where it',
  );
  console.log(
    'is no local variable; Node 20 makes two of them for the clock alone, which is what the hand-written lines show.',
  );
  console.log(
    table([['method', 'bytes a call'], ['---', '---:'], ...Object.entries(garbage).map((row) => row.map(String))]),
  );
  await mkdir(here('../results'), { recursive: true });
  const results = {
    startedAt,
    loadBefore,
    ...machine(),
    plan,
    table: table(rows).split('\n'),
    bytesPerCall: garbage,
    rounds,
  };
  await writeFile(here('../results/decorators.json'), `${JSON.stringify(results, rounded, 2)}\n`);
}

function ratio(subject, against, company = 'alone') {
  // In each round the two were measured minutes apart at most; the median of their ratios is steadier than theirs.
  const ratios = rounds.map((one) => one[`${subject} ${company}`] / one[`${against} ${company}`]);
  return `${median(ratios).toFixed(2)} × (${speed(subject, company).toFixed(0)} ns)`;
}

function over(subject, company = 'alone') {
  const differences = rounds.map((one) => one[`${subject} ${company}`] - one[`bare ${company}`]);
  return `+ ${median(differences).toFixed(1)} ns`;
}

async function child(subject, company, what, flags = []) {
  const args = [...flags, here('measure.mjs'), subject, company, what, JSON.stringify(plan)];
  return (await run(process.execPath, args, { maxBuffer: 1e8 })).stdout;
}

/** Bytes that a call allocates: between two collections the heap grows by what was allocated. */
async function bytesPerCall(subject) {
  const lines = (await child(subject, 'alone', 'garbage', ['--trace-gc'])).split('\n');
  const during = lines.slice(lines.indexOf('begin'), lines.indexOf('end'));
  const heap = during.flatMap((line) =>
    [...line.matchAll(/ ([\d.]+) \([\d.]+\) -> ([\d.]+) \(/g)].map(([, a, b]) => [a, b].map(Number)),
  );
  const grown = heap.slice(1).map(([before], i) => before - heap[i][1]);
  const each = grown.length === 0 ? 0 : grown.reduce((a, b) => a + b) / grown.length;
  return Math.round((each * heap.length * 2 ** 20) / 1e7);
}

function table(cells) {
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  return cells.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`).join('\n');
}

function rounded(_key, value) {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
}
