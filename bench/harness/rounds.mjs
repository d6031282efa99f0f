import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { median } from './loop.mjs';

const run = promisify(execFile);
const measureFile = fileURLToPath(new URL('../measure.mjs', import.meta.url));

/** How much work a pass does. */
export const FULL = { rounds: 5, slowRounds: 2, sampleMs: 10, samples: 80, scrapes: 9, quick: false };
export const QUICK = { rounds: 1, slowRounds: 1, sampleMs: 5, samples: 3, scrapes: 3, quick: true };

/**
 * Measures every contender of every case in each round, each in a fresh process, one process at a time. Every other
 * round goes backwards, so that nobody is always measured first, or always behind the same neighbour.
 * Gives the raw numbers: `[{ case: { contender: { value: number } } }, …]`, one object a round.
 */
export async function rounds(cases, contenders, plan, progress) {
  const all = [];
  for (let round = 0; round < plan.rounds; round++) {
    const due = cases
      .filter((one) => one.slow !== true || round < plan.slowRounds)
      .flatMap((one) => one.contenders.filter((name) => contenders.includes(name)).map((name) => [one, name]));
    if (round % 2 === 1) due.reverse();
    const results = {};
    for (const [one, contender] of due) {
      progress(`round ${round + 1} of ${plan.rounds}: ${one.name}, ${contender}`);
      results[one.name] ??= {};
      results[one.name][contender] = await measured(one, contender, plan);
    }
    all.push(results);
  }
  return all;
}

/** The numbers of one contender in one round; of several processes, the median of each number. */
async function measured(one, contender, plan) {
  const results = [];
  for (let i = 0; i < (plan.quick ? 1 : (one.processes ?? 1)); i++) {
    const args = [...(one.flags ?? []), measureFile, one.name, contender, JSON.stringify(plan)];
    const { stdout } = await run(process.execPath, args, { maxBuffer: 1e6 });
    results.push(JSON.parse(stdout));
  }
  return Object.fromEntries(Object.keys(results[0]).map((key) => [key, median(results.map((result) => result[key]))]));
}
