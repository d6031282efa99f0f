import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { load } from './load.mjs';
import { percentile } from './percentile.mjs';

const program = fileURLToPath(new URL('app.mjs', import.meta.url));

/** The app of one contender, in a process of its own, and what it did while it was asked. */
export class Contender {
  slices = [];
  times = [];

  static async start(name, connections) {
    const app = spawn(process.execPath, [program, name], { stdio: ['pipe', 'pipe', 'inherit'] });
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

  /** Asks for a time without counting, so that the engine has compiled what there is. */
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
   * Requests a second, the 99th percentile in milliseconds, and processor time of the app for a request; and of the first
   * and the last of these what the best fifth of the slices had at least. Other programs can only make a slice slower, so
   * that says more of the work itself. A slice is long enough to have its share of the garbage collector's.
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
