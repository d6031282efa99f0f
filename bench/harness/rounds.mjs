import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { contendersOf } from '../groups.mjs';
import { median } from './loop.mjs';

const run = promisify(execFile);
const fullSpeeds = new Map();
const KNOWN_MS = 300_000;

/** The folder of the benchmark programs. Another folder with the same files may resolve `promark` to another build. */
export const BENCH = fileURLToPath(new URL('..', import.meta.url));

/** The amount of work in a full run, unless the group overrides it. */
export const FULL = { rounds: 5, slowRounds: 2, sampleMs: 1, samples: 600, scrapes: 9, quick: false };
export const QUICK = { rounds: 1, slowRounds: 1, sampleMs: 5, samples: 3, scrapes: 3, quick: true };

/**
 * Measures every contender of every case in each round, each in a fresh process, one process at a time. Every other
 * round is reversed, so that no contender is always first or always follows the same one. Returns the raw numbers: `[{
 * case: { contender: { value: number } } }, …]`, one object per round.
 */
export async function rounds(group, cases, contenders, plan, progress) {
  const all = [];
  for (let round = 0; round < plan.rounds; round++) {
    const due = cases
      .filter((benchCase) => benchCase.slow !== true || round < plan.slowRounds)
      .flatMap((benchCase) => processesOf(benchCase, contenders).map((names) => [benchCase, names]));
    if (round % 2 === 1) due.reverse();
    const results = {};
    for (const [benchCase, names] of due) {
      progress(`round ${round + 1} of ${plan.rounds}: ${benchCase.name}, ${names.join(' and ')}`);
      // Cases measured together choose the order by the round.
      const measured = await measure(BENCH, group, benchCase, names, { ...plan, round });
      results[benchCase.name] = { ...results[benchCase.name], ...measured };
    }
    all.push(results);
  }
  return all;
}

/** The contenders of each process that a case needs. */
function processesOf(benchCase, wanted) {
  const names = contendersOf(benchCase).filter((name) => wanted === undefined || wanted.includes(name));
  if (names.length === 0) return [];
  return benchCase.together === undefined ? names.map((name) => [name]) : [names];
}

/**
 * Returns the numbers of some contenders; the median of each if a case asks for several processes. `plan.node` is the
 * path of another Node executable.
 */
export async function measure(folder, group, benchCase, names, plan) {
  const results = [];
  const node = plan.node ?? process.execPath;
  const fullSpeed = plan.quick ? undefined : await fullSpeedOf(node);
  for (let i = 0; i < (plan.quick ? 1 : (benchCase.processes ?? 1)); i++) {
    const file = join(folder, 'measure.mjs');
    const args = [
      ...(benchCase.flags ?? []),
      file,
      group,
      benchCase.name,
      names.join(','),
      JSON.stringify({ ...plan, fullSpeed }),
    ];
    const { stdout } = await run(node, args, { maxBuffer: 1e7 });
    results.push(JSON.parse(stdout));
  }
  return Object.fromEntries(
    Object.keys(results[0]).map((name) => [name, medians(results.map((result) => result[name]))]),
  );
}

/** What the probe of samples.mjs takes at full speed with a Node executable. It changes with the clock of the processor. */
async function fullSpeedOf(node) {
  const known = fullSpeeds.get(node);
  if (known !== undefined && performance.now() < known.until) return known.milliseconds;
  const samples = JSON.stringify(new URL('samples.mjs', import.meta.url));
  const program = `import(${samples}).then(({ fullSpeedHere }) => console.log(fullSpeedHere()))`;
  const milliseconds = Number((await run(node, ['-e', program])).stdout);
  fullSpeeds.set(node, { milliseconds, until: performance.now() + KNOWN_MS });
  return milliseconds;
}

function medians(results) {
  return Object.fromEntries(Object.keys(results[0]).map((key) => [key, median(results.map((result) => result[key]))]));
}
