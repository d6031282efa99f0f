// Measures promark beside its peers and prints how that compares with the targets.
//
//   npm run bench                        everything; writes bench/results/core.json
//   npm run bench -- --quick             one short round; writes nothing
//   npm run bench -- page-100k observe   cases whose name begins so
//   npm run bench -- --show              the table of the last full run, without measuring
//   npm run bench -- --clients promark,limit --rounds 3 --out file.json
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { CASES } from './harness/cases.mjs';
import { CLIENTS } from './harness/clients.mjs';
import { machine } from './harness/machine.mjs';
import { FULL, QUICK, rounds } from './harness/rounds.mjs';
import { table } from './harness/table.mjs';
import { verdict } from './harness/verdict.mjs';

const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    clients: { type: 'string', default: ['limit', ...CLIENTS].join(',') },
    rounds: { type: 'string' },
    out: { type: 'string' },
    show: { type: 'boolean', default: false },
  },
});

const resultsFile = new URL('./results/core.json', import.meta.url);
if (given.show) {
  console.log(table(JSON.parse(await readFile(resultsFile, 'utf8')).verdicts));
  process.exit(0);
}

const cases = CASES.filter(
  ({ name }) => positionals.length === 0 || positionals.some((start) => name.startsWith(start)),
);
if (cases.length === 0) {
  console.error(
    `bench: no case begins with ${positionals.join(' or ')}; there are ${CASES.map(({ name }) => name).join(', ')}.`,
  );
  process.exit(1);
}

const plan = given.quick ? QUICK : FULL;
const wanted = { ...plan, ...(given.rounds && { rounds: Number(given.rounds) }) };
const startedAt = new Date().toISOString();
const loadBefore = os.loadavg()[0];
const measured = await rounds(cases, given.clients.split(','), wanted, progress);
const verdicts = cases.flatMap((one) => one.rows.map((row) => verdict(one, row, measured))).filter(Boolean);
if (verdicts.length > 0) console.log(table(verdicts));

// A part of the cases, or a quick pass, does not replace the results of a whole run.
const whole = positionals.length === 0 && !given.quick;
const out = given.out ?? (whole ? resultsFile : undefined);
if (out !== undefined) {
  const results = { startedAt, loadBefore, ...machine(), plan: wanted, verdicts, rounds: measured };
  await mkdir(new URL('./results/', import.meta.url), { recursive: true });
  await writeFile(out, `${JSON.stringify(results, rounded, 2)}\n`);
}

function progress(line) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
}

/** Four digits are more than any of these numbers is good for. */
function rounded(_key, value) {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
}
