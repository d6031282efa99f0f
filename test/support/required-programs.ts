import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, test } from '@jest/globals';

/** A program that some tests need and that npm does not install, by its command name in Debian. */
export type Program = 'prometheus' | 'promtool' | 'prometheus-pushgateway' | 'protoc' | 'chromium' | 'tmux';

/** Whether tests that need programs run, are skipped, or fail. */
export type Ruling = { verdict: 'run' } | { verdict: 'skip' | 'fail'; reason: string };

/**
 * The rule for missing programs: on a developer's machine the tests are skipped with a message; with CI=true they fail,
 * because otherwise no one would notice that they never run.
 */
export function ruling(programs: readonly Program[], env: NodeJS.ProcessEnv = process.env): Ruling {
  const missing = programs.filter((name) => find(name, env.PATH) === undefined);
  if (missing.length === 0) return { verdict: 'run' };
  return without(
    `not on the PATH: ${missing.join(', ')} (Debian packages prometheus, prometheus-pushgateway, protobuf-compiler, chromium, tmux)`,
    env,
  );
}

/** Whether tests that lack something are skipped or fail. */
export function without(reason: string, env: NodeJS.ProcessEnv = process.env): Ruling {
  return { verdict: env.CI === 'true' ? 'fail' : 'skip', reason };
}

/** Like `describe`, for tests that need programs. */
export function describeWith(programs: readonly Program[], title: string, body: () => void): void {
  describeBy(ruling(programs), title, body);
}

/** Like `test`, for features that only Linux has, such as `/proc`; skipped with a message elsewhere, even in CI. */
export function testOnLinux(title: string, body: () => Promise<void>): void {
  if (process.platform === 'linux') test(title, body);
  else {
    skip(title, `only Linux shows it, and this is ${process.platform}`);
    test.skip(title, body);
  }
}

/** Like `describe`, for tests that may be skipped or fail. */
export function describeBy(rule: Ruling, title: string, body: () => void): void {
  if (rule.verdict === 'run') describe(title, body);
  else if (rule.verdict === 'fail') {
    describe(title, () =>
      test('has its programs', () => {
        throw new Error(`${rule.reason}; with CI=true that is a failure`);
      }),
    );
  } else {
    skip(title, rule.reason);
    describe.skip(title, body);
  }
}

/** Logs why tests are skipped. */
function skip(title: string, reason: string): void {
  process.stderr.write(`Left out: "${title}", ${reason}\n`);
}

function find(program: Program, path = ''): string | undefined {
  return path
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find(isExecutable);
}

/** Whether a file is executable. */
export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
