// Measures what measuring costs a Nest app: requests a second and the 99th percentile without promark, with it, and with
// another module and an interceptor written by hand. On loopback only.
//
//   node bench/http/run.mjs            12 rounds; writes bench/results/http.json
//   node bench/http/run.mjs --quick    2 short rounds, or --rounds of them; writes nothing
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from '../harness/loop.mjs';
import { machine } from '../harness/machine.mjs';
import { CONTENDERS } from './contenders.mjs';
import { load } from './load.mjs';

const { values: given } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, rounds: { type: 'string' } },
});
const plan = given.quick
  ? { rounds: 2, connections: 8, warmSeconds: 0.5, seconds: 1 }
  : { rounds: 12, connections: 8, warmSeconds: 2, seconds: 5 };

if (given.rounds !== undefined) plan.rounds = Number(given.rounds);
const names = Object.keys(CONTENDERS);
const startedAt = new Date().toISOString();
const loadBefore = os.loadavg()[0];
const rounds = [];
for (let round = 0; round < plan.rounds; round++) {
  const results = {};
  // Every other round goes backwards, so that nobody is always measured first.
  for (const name of round % 2 === 0 ? names : [...names].reverse()) results[name] = await measured(name);
  rounds.push(results);
}

/** Ratios within a round, since what else the machine does changes from round to round. */
const ratios = Object.fromEntries(
  names.slice(1).map((name) => {
    const of = (key) => median(rounds.map((round) => round[name][key] / round.none[key]));
    return [name, { perSecond: of('perSecond'), p99Ms: of('p99Ms') }];
  }),
);
for (const [name, { perSecond, p99Ms }] of Object.entries(ratios)) {
  console.log(`${name}: ${percent(perSecond)} of the requests a second, p99 ${percent(p99Ms)}`);
}
if (!given.quick) {
  const out = new URL('../results/http.json', import.meta.url);
  await mkdir(new URL('.', out), { recursive: true });
  const results = { startedAt, loadBefore, loadAfter: os.loadavg()[0], ...machine(), plan, ratios, rounds };
  await writeFile(out, `${JSON.stringify(results, null, 2)}\n`);
}

/** One contender, in a process of its own. */
async function measured(name) {
  const program = fileURLToPath(new URL('app.mjs', import.meta.url));
  const app = spawn(process.execPath, [program, name], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(app, 'exit');
  try {
    const [address] = await Promise.race([once(app.stdout, 'data'), ended.then(() => Promise.reject(gone(name)))]);
    const url = `${String(address).trim()}/stock/teapot`;
    await load(url, { connections: plan.connections, seconds: plan.warmSeconds });
    return await load(url, plan);
  } finally {
    app.stdin.end();
    await ended;
  }
}

function gone(name) {
  return new Error(`bench: the app of ${name} ended before it listened`);
}

function percent(ratio) {
  return `${(ratio * 100).toFixed(1)} %`;
}
