// Measures what measuring costs a Nest app: requests a second, the 99th percentile and processor time a request, without
// promark, with it, and with another module and an interceptor written by hand. On loopback only.
//
//   node bench/http/run.mjs            10 rounds, seven minutes; writes bench/results/http.json
//   node bench/http/run.mjs --quick    2 short rounds, or --rounds of them; writes nothing
import { mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { median } from '../harness/loop.mjs';
import { machine } from '../harness/machine.mjs';
import { Contender } from './contender.mjs';
import { CONTENDERS } from './contenders.mjs';

const { values: given } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, rounds: { type: 'string' } },
});
const plan = given.quick
  ? { rounds: 2, connections: 8, warmSeconds: 1, slices: 8, sliceSeconds: 0.2 }
  : { rounds: 10, connections: 8, warmSeconds: 4, slices: 40, sliceSeconds: 0.15 };
if (given.rounds !== undefined) plan.rounds = Number(given.rounds);

const names = Object.keys(CONTENDERS);
const startedAt = new Date().toISOString();
const loadBefore = os.loadavg()[0];
const rounds = [];
for (let number = 0; number < plan.rounds; number++) rounds.push(await round(number));

/** Ratios within a round, since what else the machine does changes from round to round. */
const ratios = Object.fromEntries(
  names.slice(1).map((name) => {
    const of = (key) => median(rounds.map((results) => results[name][key] / results.none[key]));
    return [name, Object.fromEntries(Object.keys(rounds[0].none).map((key) => [key, of(key)]))];
  }),
);
const percent = (ratio) => `${(ratio * 100).toFixed(1)} %`;
for (const [name, of] of Object.entries(ratios)) {
  console.log(
    `${name}: ${percent(of.perSecond)} of the requests a second (${percent(of.undisturbedPerSecond)} undisturbed)`,
  );
  console.log(
    `  ${percent(of.cpuMicros)} of the processor time a request (${percent(of.undisturbedCpuMicros)} undisturbed)`,
  );
  console.log(`  p99 ${percent(of.p99Ms)}`);
}
if (!given.quick) {
  const out = new URL('../results/http.json', import.meta.url);
  await mkdir(new URL('.', out), { recursive: true });
  const results = { startedAt, loadBefore, loadAfter: os.loadavg()[0], ...machine(), plan, ratios, rounds };
  await writeFile(out, `${JSON.stringify(results, null, 2)}\n`);
}

/**
 * A fresh process for each contender. They are asked in turn, a short time each, so that what else the machine does meets
 * all of them; every other turn goes backwards, so that nobody always comes first.
 */
async function round(number) {
  const contenders = {};
  const turn = (at) => (at % 2 === 0 ? names : [...names].reverse());
  try {
    for (const name of turn(number)) contenders[name] = await Contender.start(name, plan.connections);
    for (const name of turn(number)) await contenders[name].warm(plan.warmSeconds);
    for (let slice = 0; slice < plan.slices; slice++) {
      for (const name of turn(number + slice)) await contenders[name].measure(plan.sliceSeconds);
    }
    return Object.fromEntries(names.map((name) => [name, contenders[name].result()]));
  } finally {
    for (const contender of Object.values(contenders)) await contender.end();
  }
}
