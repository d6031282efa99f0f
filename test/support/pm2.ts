import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { plainEnvironment, repository } from './processes.js';
import { isExecutable, type Ruling, without } from './required-programs.js';

const program = join(repository, 'node_modules/pm2/bin/pm2');

/** Whether tests that need PM2 run. */
export const pm2Ruling: Ruling = isExecutable(program) ? { verdict: 'run' } : without('no pm2');

/** A PM2 daemon for one test, which runs the programs in a folder. */
export class Pm2 {
  readonly home: string;
  private readonly end = (): void => {
    try {
      process.kill(Number(readFileSync(join(this.home, 'pm2.pid'), 'utf8')), 'SIGTERM');
    } catch {
      // It is not running.
    }
  };

  constructor(
    private readonly folder: string,
    private readonly variables: Readonly<Record<string, string>> = {},
  ) {
    this.home = join(folder, 'pm2-home');
    // The daemon outlives its caller.
    process.on('exit', this.end);
  }

  run(...args: string[]): Promise<{ stdout: string; stderr: string }> {
    const settings = { PM2_HOME: this.home, PM2_DISABLE_VERSION_CHECK: 'true' };
    const env = plainEnvironment({ ...this.variables, ...settings });
    return promisify(execFile)(process.execPath, [program, ...args], { cwd: this.folder, env });
  }

  /** Returns the output of a program instance, such as `shop-out-0`. */
  output(log: string): string {
    return readFileSync(join(this.home, `logs/${log}.log`), 'utf8');
  }

  /** Everything that PM2 and its programs have printed, for the error of a test that waits in vain. */
  describe(): string {
    const logs = readdirSync(this.home, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.log'));
    return logs.map((file) => `${file}:\n${readFileSync(join(this.home, file), 'utf8')}`).join('\n');
  }

  /** Ends the daemon and everything it runs. */
  async stop(): Promise<void> {
    process.off('exit', this.end);
    await this.run('kill');
  }
}
