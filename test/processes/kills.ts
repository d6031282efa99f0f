import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { snapshotOf } from '../../lib/model/snapshot-of.js';
import { Folder } from '../../lib/processes/folder.js';
import { Group } from '../../lib/processes/group.js';
import { plainEnvironment, repository } from '../support/processes.js';

export type Work = 'mapped' | 'buffered' | 'dead' | 'fold';

/**
 * Does work in a process that kills itself at a step, or in the end. Returns the steps, or undefined if it reached that
 * step.
 */
export function run(
  program: string,
  folder: string,
  work: Work,
  killAt: number,
  log: string,
): Promise<number | undefined> {
  const env = plainEnvironment({ NODE_PATH: join(repository, 'node_modules') });
  return new Promise((resolve) => {
    execFile(process.execPath, [program, folder, work, String(killAt), log], { env }, (_, stdout) => {
      resolve(stdout === '' ? undefined : Number(stdout));
    });
  });
}

/** The contents of a folder: the total, and anything wrong with it. */
export async function view(path: string): Promise<{ readonly total: number; readonly wrong: readonly string[] }> {
  const wrong: string[] = [];
  const faults = {
    warn: (message: string) => wrong.push(message),
    instrumentation: (_: string, error: unknown) => wrong.push(String(error)),
  };
  const group = new Group(
    new Folder(path, false),
    () => new Set(),
    () => ({}),
    faults,
  );
  let total = 0;
  for (const source of await group.read()) {
    for (const { family } of source.families()) {
      for (const { name, labels, value } of snapshotOf(family).samples) {
        if (name === 'all_total') total += value;
        else if (name === 'churn_total' && value !== 0 && value % Number(labels.value) !== 0)
          wrong.push(`${name} of ${labels.value} is ${value}`);
      }
    }
  }
  group.close();
  return { total, wrong };
}

/** The size of a file in bytes; 0 if there is none. */
export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
