import { readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { machine } from './machine.mjs';
import { verdict } from './verdict.mjs';

/** The file with the results of a group's last full run. */
export function resultsFile(group) {
  return new URL(`../results/${group}.json`, import.meta.url);
}

/**
 * The results of a run: date and machine, load before and after, the plan, the raw numbers of each round, and a summary
 * of each row.
 */
export function resultsOf(run, cases, plan, rounds) {
  return {
    startedAt: run.startedAt,
    machine: machine(),
    load: { before: run.loadBefore, after: os.loadavg()[0] },
    plan,
    summary: summaryOf(cases, rounds),
    rounds,
  };
}

export function summaryOf(cases, rounds) {
  return cases.flatMap((benchCase) => benchCase.rows.map((row) => verdict(benchCase, row, rounds))).filter(Boolean);
}

export async function readResults(file) {
  return JSON.parse(await readFile(file, 'utf8'));
}

export async function writeResults(file, results) {
  await writeFile(file, `${JSON.stringify(results, rounded, 2)}\n`);
}

/** None of these numbers is accurate to more than four digits. */
function rounded(_key, value) {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
}
