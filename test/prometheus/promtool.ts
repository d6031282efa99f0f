import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** The result of `promtool check metrics` for a page in text 0.0.4. */
export interface Lint {
  /** 0: no findings, 3: findings, 1: not a valid page. */
  readonly exitCode: number;
  /** The lines that it printed. */
  readonly findings: readonly string[];
}

/** Checks a page with promtool. */
export async function checkMetrics(page: string): Promise<Lint> {
  const promtool = spawn('promtool', ['check', 'metrics'], { stdio: 'pipe' });
  promtool.stdin.end(page);
  const exited = once(promtool, 'exit') as Promise<[number]>;
  const printed = (await Promise.all([text(promtool.stdout), text(promtool.stderr)])).join('');
  const [exitCode] = await exited;
  return { exitCode, findings: printed.split('\n').filter((line) => line !== '') };
}
