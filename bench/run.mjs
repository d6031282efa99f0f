// Measures promark against its peers and against minimal programs that do the same work.
//
//   npm run bench                               every group; writes bench/results/<group>.json
//   npm run bench -- core allocation            some groups
//   npm run bench -- core --filter page,inc     cases whose names start with these; writes nothing
//   npm run bench -- --quick                    one short round; writes nothing
//   npm run bench -- core --show                the table of the last full run, without measuring
//   npm run bench -- core --clients promark,limit --rounds 3 --out file.json
//   npm run bench -- core --nodes 20,24,26      on several Node lines, into bench/results/matrix.json; --filter does parts
//   npm run bench -- --document                 updates docs/performance.md from that file
//   npm run bench -- core --against <commit>    compares this build with a commit: ratios of the times, new / old
//       --fail-above 1.1                        fails if the median of a ratio is above this
//       --build <folder>                        uses another build instead of rebuilding this folder
//       --instructions                          counts instructions with valgrind: slow, but the same on a busy machine
import { mkdir } from 'node:fs/promises';
import os from 'node:os';
import { readCommandLine, rule } from '../scripts/program.mjs';
import { contendersOf, GROUPS, loadGroup } from './groups.mjs';
import { compare, comparisonTable, isBuild, isCommit, isWorse, withBuilds } from './harness/against.mjs';
import { PLAN as MATRIX_PLAN, measureMatrix } from './harness/matrix.mjs';
import { readResults, resultsFile, resultsOf, summaryOf, writeResults } from './harness/results.mjs';
import { FULL, QUICK, rounds } from './harness/rounds.mjs';
import { table } from './harness/table.mjs';

const {
  values: options,
  operands,
  refuse,
} = readCommandLine(import.meta.url, {
  name: 'bench',
  operands: { rule: rule.oneOf(GROUPS) },
  options: {
    filter: { type: 'string' },
    quick: { type: 'boolean', default: false },
    clients: { type: 'string' },
    rounds: { type: 'string', rule: rule.wholeNumber(1) },
    out: { type: 'string' },
    show: { type: 'boolean', default: false },
    nodes: { type: 'string', rule: rule.listOf(rule.wholeNumber(20)) },
    document: { type: 'boolean', default: false },
    against: { type: 'string' },
    build: { type: 'string' },
    'fail-above': { type: 'string', rule: rule.number(0) },
    instructions: { type: 'boolean' },
  },
});

try {
  const chosen = await choose();
  if (options.document) await import('./document.mjs');
  else if (options.show) await show(chosen);
  else if (options.nodes !== undefined) await measureNodes(chosen, options.nodes.split(','));
  else if (options.against === undefined) await measureAll(chosen);
  else await compareAll(chosen);
} catch (error) {
  progress('');
  console.error(`bench: ${error.message}`);
  process.exitCode = 1;
}

/** The requested groups and cases. */
async function choose() {
  if (options.out !== undefined && operands.length !== 1) refuse('--out takes the results of one group.');
  for (const option of ['build', 'fail-above', 'instructions']) {
    if (options[option] !== undefined && options.against === undefined) refuse(`--${option} needs --against <commit>.`);
  }
  const { against, build } = options;
  if (against !== undefined && !isBuild(against) && !(await isCommit(against)))
    refuse(`--against must be a commit or a folder with a build, got "${against}".`);
  if (build !== undefined && !isBuild(build)) refuse(`--build must be a folder with a build, got "${build}".`);
  const starts = options.filter?.split(',');
  const chosen = [];
  const names = [];
  for (const name of operands.length > 0 ? operands : GROUPS) {
    const group = await loadGroup(name);
    names.push(...group.cases.map((benchCase) => benchCase.name));
    const cases = group.cases.filter(
      (benchCase) => starts === undefined || starts.some((start) => benchCase.name.startsWith(start)),
    );
    if (cases.length > 0) chosen.push({ name, cases, plan: planOf(group) });
  }
  if (chosen.length === 0) refuse(`no case starts with ${starts.join(' or ')}; there are ${names.join(', ')}.`);
  const contenders = new Set(chosen.flatMap(({ cases }) => cases.flatMap(contendersOf)));
  const unknown = options.clients?.split(',').find((name) => !contenders.has(name));
  if (unknown !== undefined) refuse(`there is no client "${unknown}"; there are ${[...contenders].join(', ')}.`);
  return chosen;
}

function planOf({ plan = {} }) {
  const whole = options.quick ? { ...QUICK, ...plan.quick } : { ...FULL, ...plan.full };
  return { ...whole, ...(options.rounds && { rounds: Number(options.rounds), slowRounds: Number(options.rounds) }) };
}

async function show(groups) {
  for (const { name, cases } of groups) {
    const results = await readResults(resultsFile(name)).catch(() => undefined);
    console.log(results === undefined ? `${name}: no results` : table(summaryOf(cases, results.rounds)));
  }
}

async function measureAll(groups) {
  for (const { name, cases, plan } of groups) {
    const run = { startedAt: new Date().toISOString(), loadBefore: os.loadavg()[0] };
    const measured = await rounds(name, cases, options.clients?.split(','), plan, progress);
    progress('');
    const results = resultsOf(run, cases, plan, measured);
    if (results.summary.length > 0) console.log(table(results.summary));
    // Partial or quick runs do not replace the results of a full run.
    const whole = options.filter === undefined && options.clients === undefined && !options.quick;
    const out = options.out ?? (whole ? resultsFile(name) : undefined);
    if (out === undefined) continue;
    await mkdir(new URL('./results/', import.meta.url), { recursive: true });
    await writeResults(out, results);
  }
}

async function measureNodes(groups, lines) {
  for (const { name, cases } of groups) {
    const group = await loadGroup(name);
    const plan = { ...group.plan?.full, ...MATRIX_PLAN, ...(options.rounds && { rounds: Number(options.rounds) }) };
    await measureMatrix(name, cases, plan, lines, progress);
  }
  progress('');
}

async function compareAll(groups) {
  const factor = options['fail-above'] === undefined ? Infinity : Number(options['fail-above']);
  console.log(`load before: ${os.loadavg()[0].toFixed(1)}`);
  await withBuilds(options.against, options.build, async (builds, interrupt) => {
    for (const { name, cases, plan } of groups) {
      const own = cases.filter(({ work, contenders }) => (contenders ?? Object.keys(work)).includes('promark'));
      const { instructions, rounds: asked } = options;
      // A ratio without a spread means little; instructions depend on the order in hash tables only.
      const enough = instructions ? 2 : Math.max(plan.rounds, 5);
      const pairs = { ...plan, instructions, rounds: asked === undefined ? enough : plan.rounds };
      const { rows, failed } = await compare(name, own, pairs, builds, interrupt, progress);
      progress('');
      if (rows.length > 0) console.log(comparisonTable(rows));
      for (const [name, reason] of failed) console.error(`bench: ${name} failed: ${reason}`);
      const worse = rows.filter((row) => isWorse(row, factor));
      for (const row of worse) console.error(`bench: ${row.case}, ${row.work} is worse by more than ${factor}.`);
      if (failed.size > 0 || worse.length > 0) process.exitCode = 1;
    }
  });
  console.log(`load after: ${os.loadavg()[0].toFixed(1)}`);
}

function progress(line) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
}
