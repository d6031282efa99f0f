// Results for several Node lines: bench/results/matrix.json, from which docs/performance.md is generated.
import { mkdir } from 'node:fs/promises';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { nodeExecutable } from '../../scripts/node-executables.mjs';
import { machine } from './machine.mjs';
import { readResults, resultsFile, writeResults } from './results.mjs';
import { FULL, rounds } from './rounds.mjs';

export const MATRIX = 'matrix';

/** Three rounds of each case, since there are many processes. */
export const PLAN = { ...FULL, rounds: 3, slowRounds: 3 };

/** Node executables are cached here. */
const EXECUTABLES = fileURLToPath(new URL('../../node_modules/.cache/promark-bench/', import.meta.url));

/**
 * Measures cases on Node lines, such as `['20', '24']`, and replaces their results in the file. The file is written after
 * each case, so that a run can be interrupted or split up.
 */
export async function measureMatrix(group, cases, plan, lines, progress) {
  const executables = new Map();
  for (const line of lines) executables.set(line, await executableOf(line));
  for (const benchCase of cases) {
    for (const [line, node] of executables) {
      const before = os.loadavg()[0];
      const own = { ...plan, node };
      const measured = await rounds(group, [benchCase], undefined, own, (text) => progress(`Node ${line}, ${text}`));
      const entry = {
        measuredAt: new Date().toISOString(),
        load: { before, after: os.loadavg()[0] },
        rounds: measured.map((round) => round[benchCase.name]).filter((round) => round !== undefined),
      };
      await save(`${group} ${benchCase.name}`, line, entry);
    }
  }
}

async function executableOf(line) {
  if (process.version.startsWith(`v${line}.`)) return process.execPath;
  await mkdir(EXECUTABLES, { recursive: true });
  return nodeExecutable(line, EXECUTABLES);
}

async function save(name, line, entry) {
  const file = resultsFile(MATRIX);
  const { cases } = await readResults(file).catch(() => ({ cases: {} }));
  const { node: _node, v8: _v8, ...withoutNode } = machine();
  cases[name] = { ...cases[name], [line]: entry };
  await writeResults(file, { machine: withoutNode, cases });
}
