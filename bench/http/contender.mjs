import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { load } from './load.mjs';
import { percentile } from './percentile.mjs';

const program = fileURLToPath(new URL('app.mjs', import.meta.url));

/** The app of one contender, in a process of its own, and what it did while it was asked. */
export class Contender {
  requests = 0;
  seconds = 0;
  cpuMicros = 0;
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
    this.cpuMicros += (await this.cpu()) - before;
    this.requests += requests;
    this.seconds += took;
    for (const time of times) this.times.push(time);
  }

  /** Requests a second, the 99th percentile in milliseconds, and processor time of the app for a request. */
  result() {
    const { requests, seconds, cpuMicros, times } = this;
    return { perSecond: requests / seconds, p99Ms: percentile(times, 0.99), cpuMicros: cpuMicros / requests };
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
