import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CALLS, LONGER } from './loop.mjs';

const run = promisify(execFile);

// V8 writes code while the program runs.
const FLAGS = ['--tool=cachegrind', '--cache-sim=no', '--cachegrind-out-file=/dev/null', '--smc-check=all-non-file'];

/**
 * Returns the processor instructions of one call, as counted by valgrind, for each value that `nanosecondsPerCall`
 * measures. For each, it compares two processes that differ only in the number of these calls. Unlike times,
 * instructions do not depend on other programs of the machine.
 */
export async function instructionsOf(folder, group, benchCase, names, plan) {
  const of = async (longer) => {
    const args = [...FLAGS, plan.node ?? process.execPath];
    // One thread, so that all is counted, and the same order in all hash tables of both builds.
    args.push('--single-threaded', '--rehash-snapshot', `--hash-seed=${plan.round + 1}`, ...(benchCase.flags ?? []));
    const counting = JSON.stringify({ ...plan, instructions: { longer } });
    args.push(join(folder, 'measure.mjs'), group, benchCase.name, names.join(','), counting);
    const { stdout, stderr } = await run('valgrind', args, { maxBuffer: 1e7 }).catch((error) => {
      throw error.code === 'ENOENT' ? new Error('--instructions needs valgrind on the path.') : error;
    });
    const total = Number(/I\s+refs:\s+([\d,]+)/.exec(stderr)?.[1].replaceAll(',', ''));
    return { total, values: JSON.parse(stdout).promark };
  };
  const { total, values } = await of(undefined);
  const instructions = {};
  for (const [value, loop] of Object.entries(values)) {
    if (typeof loop !== 'string') continue;
    instructions[value] = ((await of(loop)).total - total) / (CALLS * (LONGER - 1));
  }
  return { promark: instructions };
}
