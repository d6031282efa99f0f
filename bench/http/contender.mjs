import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { load } from './load.mjs';
import { percentile } from './percentile.mjs';

const program = fileURLToPath(new URL('app.mjs', import.meta.url));

const [APP_CORE, CLIENT_CORE] = ['0', '1'];
/** Processes that move between cores vary by 20 µs per request, more than any contender adds. */
const canPin = availableParallelism() > 1 && spawnSync('taskset', ['--version']).status === 0;

function onCore(core, command) {
  return canPin ? ['taskset', '-c', core, ...command] : command;
}

/** Moves this process, which sends the requests, to a core of its own. */
export function leaveAppsAlone() {
  if (canPin) spawnSync('taskset', ['-a', '-cp', CLIENT_CORE, String(process.pid)]);
}

/** The app of one contender, in a separate process, and the requests sent to it. */
export class Contender {
  slices = [];
  times = [];

  static async start(name, connections) {
    const [command, ...args] = onCore(APP_CORE, [process.execPath, program, name]);
    const app = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = once(app, 'exit');
    const lines = createInterface({ input: app.stdout });
    const gone = ended.then(() => Promise.reject(new Error(`bench: the app of ${name} ended before it listened`)));
    const [url] = await Promise.race([once(lines, 'line'), gone]);
    gone.catch(() => {});
    return new Contender(app, ended, lines, `${url}/stock/teapot`, connections);
  }

  constructor(app, ended, lines, url, connections) {
    Object.assign(this, { app, ended, lines, url, connections });
  }

  /** Sends requests without counting them, so that the engine compiles the code. */
  async warm(seconds) {
    await this.ask(seconds);
  }

  async measure(seconds) {
    const before = await this.cpu();
    const { requests, seconds: took, times } = await this.ask(seconds);
    this.slices.push({ requests, seconds: took, cpuMicros: (await this.cpu()) - before });
    for (const time of times) this.times.push(time);
  }

  /**
   * Returns requests per second, the 99th percentile in milliseconds, and processor time per request; and for the first
   * and last of these, the lower bound of the best fifth of the slices. Other programs can only slow a slice down, so
   * that is closer to the work itself. A slice is long enough to include its share of garbage collection.
   */
  result() {
    const { slices, times } = this;
    const sum = (key) => slices.reduce((total, slice) => total + slice[key], 0);
    const rates = slices.map(({ requests, seconds }) => requests / seconds);
    const cpus = slices.map(({ requests, cpuMicros }) => cpuMicros / requests);
    return {
      perSecond: sum('requests') / sum('seconds'),
      p99Ms: percentile(times, 0.99),
      cpuMicros: sum('cpuMicros') / sum('requests'),
      undisturbedPerSecond: percentile(rates, 0.8),
      undisturbedCpuMicros: percentile(cpus, 0.2),
    };
  }

  async end() {
    this.app.stdin.end();
    await this.ended;
  }

  ask(seconds) {
    return load(this.url, { connections: this.connections, seconds });
  }

  async cpu() {
    this.app.stdin.write('\n');
    const [line] = await once(this.lines, 'line');
    return Number(line);
  }
}
