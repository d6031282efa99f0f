import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { contendersOf } from '../groups.mjs';
import { instructionsOf } from './instructions.mjs';
import { median } from './loop.mjs';
import { BENCH, measure } from './rounds.mjs';
import { markdown, number } from './table.mjs';

const run = promisify(execFile);
const root = dirname(resolve(BENCH));

/**
 * Calls `work` with two builds of promark: that of a commit, and that of this folder in its current state. For each,
 * `work` receives a folder of benchmark programs that resolve `promark` to that build. Leaves nothing behind but a
 * fresh `dist/` here. Either build may also be given as a folder. Ctrl-C aborts the signal that `work` receives, and ends
 * the current child process; a second one ends this process, too.
 */
export async function withBuilds(commit, here, work) {
  const folder = await mkdtemp(join(tmpdir(), 'promark-against-'));
  const worktree = join(folder, 'commit');
  const interrupt = new AbortController();
  const abort = () => interrupt.abort(new Error('interrupted'));
  process.once('SIGINT', abort);
  try {
    const old = isBuild(commit) ? resolve(commit) : await buildOf(commit, worktree);
    if (here === undefined) await run('npm', ['run', 'build'], { cwd: root });
    interrupt.signal.throwIfAborted();
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
    const builds = {
      old: await stage(join(folder, 'old'), old),
      new: await stage(join(folder, 'new'), here === undefined ? root : resolve(here)),
    };
    return await work(builds, interrupt.signal);
  } catch (error) {
    throw interrupt.signal.reason ?? error;
  } finally {
    if (existsSync(worktree)) await run('git', ['worktree', 'remove', '--force', worktree], { cwd: root });
    await rm(folder, { recursive: true, force: true });
    process.off('SIGINT', abort);
  }
}

/** Whether this is a folder with a build of promark. */
export function isBuild(folder) {
  return existsSync(join(folder, 'package.json'));
}

/** Whether this repository has a commit of this name. */
export function isCommit(name) {
  const found = run('git', ['rev-parse', '--verify', '--quiet', `${name}^{commit}`], { cwd: root });
  return found.then(
    () => true,
    () => false,
  );
}

/** Builds a commit in a separate worktree, with the dependencies of this folder. */
async function buildOf(commit, worktree) {
  await run('git', ['worktree', 'add', '--detach', worktree, commit], { cwd: root });
  await linkDependencies(worktree);
  await run('npm', ['run', 'build'], { cwd: worktree });
  return worktree;
}

/** One by one: the build makes `promark` resolve to its own folder. */
async function linkDependencies(worktree) {
  const modules = join(root, 'node_modules');
  await mkdir(join(worktree, 'node_modules'));
  for (const name of await readdir(modules)) {
    if (name !== 'promark') await symlink(join(modules, name), join(worktree, 'node_modules', name), 'junction');
  }
}

/** Copies the benchmark programs to a folder where `promark` resolves to a build. */
async function stage(folder, build) {
  await mkdir(join(folder, 'node_modules'), { recursive: true });
  await symlink(build, join(folder, 'node_modules/promark'), 'junction');
  const programs = join(folder, 'bench');
  await cp(BENCH, programs, { recursive: true, filter: (file) => !/[\\/](results|node_modules)$/.test(file) });
  return programs;
}

/**
 * Measures promark in both builds alternately, each time in a fresh process; every other round is reversed. With
 * `plan.instructions`, it counts instructions instead of time. Returns the numbers of each row, and the cases that failed.
 */
export async function compare(group, cases, plan, builds, interrupt, progress) {
  const numbers = new Map();
  const failed = new Map();
  const { instructions, ...times } = plan;
  const numbersOf = instructions ? instructionsOf : measure;
  for (let round = 0; round < plan.rounds; round++) {
    const due = cases.flatMap((benchCase) => Object.keys(builds).map((build) => [benchCase, build]));
    if (round % 2 === 1) due.reverse();
    for (const [benchCase, build] of due) {
      interrupt.throwIfAborted();
      if (failed.has(benchCase.name) || (benchCase.slow && round >= plan.slowRounds)) continue;
      progress(`round ${round + 1} of ${plan.rounds}: ${benchCase.name}, ${build}`);
      // Cases measured together need a second contender.
      const names = benchCase.together === undefined ? ['promark'] : contendersOf(benchCase).slice(0, 2);
      try {
        const { promark } = await numbersOf(builds[build], group, benchCase, names, { ...times, round });
        numbers.set(`${benchCase.name} ${round} ${build}`, promark);
      } catch (error) {
        interrupt.throwIfAborted();
        failed.set(benchCase.name, `${build} build: ${error.stderr?.trim() || error.message}`);
      }
    }
  }
  const rows = cases.flatMap((benchCase) =>
    valuesOf(benchCase).map((row) => {
      const pairs = Array.from({ length: plan.rounds }, (_, round) =>
        ['old', 'new'].map((build) => numbers.get(`${benchCase.name} ${round} ${build}`)?.[row.value]),
      ).filter((pair) => pair.every(Number.isFinite));
      return comparisonOf(benchCase, instructions ? { work: row.work, unit: 'instructions' } : row, pairs);
    }),
  );
  return { rows: rows.filter(({ ratios }) => ratios.length > 0), failed };
}

/** The rows of a case, without duplicate values. */
function valuesOf(benchCase) {
  return benchCase.rows.filter((row, i) => benchCase.rows.findIndex(({ value }) => value === row.value) === i);
}

function comparisonOf(benchCase, row, pairs) {
  // If both are zero, they are equal.
  const ratios = pairs.map(([before, now]) => (before === now ? 1 : now / before)).sort((a, b) => a - b);
  return {
    case: benchCase.name,
    work: row.work,
    unit: row.unit,
    better: row.better ?? 'less',
    old: median(pairs.map(([before]) => before)),
    new: median(pairs.map(([, now]) => now)),
    ratios,
  };
}

/** Whether the new build is worse by more than a factor. */
export function isWorse({ ratios, better }, factor) {
  return better === 'more' ? median(ratios) < 1 / factor : median(ratios) > factor;
}

export function comparisonTable(rows) {
  const heads = ['case', 'work', 'old', 'new', 'new / old', 'min', 'max'];
  return markdown(
    heads,
    rows.map(({ ratios, unit, ...row }) => [
      row.case,
      row.better === 'more' ? `${row.work} (more is better)` : row.work,
      `${number(row.old)} ${unit}`,
      `${number(row.new)} ${unit}`,
      median(ratios).toFixed(3),
      ratios[0].toFixed(3),
      ratios[ratios.length - 1].toFixed(3),
    ]),
  );
}
