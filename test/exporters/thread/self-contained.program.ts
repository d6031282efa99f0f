import { existsSync } from 'node:fs';
import { Counter, Gauge, Histogram, Info, register, Summary, startHttpServer } from 'promark';

// Serves metrics of which none needs the main thread for a page. At SIGUSR2 it blocks that thread, counting, until the file
// that RELEASE names exists.

const turns = new Counter({ name: 'turns_total', help: 'Turns of the loop' });
const seconds = new Histogram({ name: 'turn_seconds', help: 'Time of a turn', native: true });
const recent = new Summary({ name: 'turn_size', help: 'Size of a turn', maxAgeSeconds: 60 });
const level = new Gauge({ name: 'level', help: 'Level', labelNames: ['of'] });
new Info({ name: 'build', help: 'Build' }).info({ version: '1' });
seconds.observe(0.001);
recent.observe(1);
level.set({ of: 'turns' }, 0);

// A server that asked a blocked thread would not answer before the test has given up.
const server = await startHttpServer({ port: 0, host: '127.0.0.1', thread: true, mainThreadTimeoutMs: 600_000 });

// The first pages need the main thread, which has yet to describe the metrics.
let asked = false;
const prepare = register.prepare.bind(register);
register.prepare = (...names) => {
  asked = true;
  return prepare(...names);
};
do {
  asked = false;
  await (await fetch(server.url)).text();
} while (asked);

process.once('SIGUSR2', () => {
  const release = process.env.RELEASE ?? '';
  for (let turn = 1; turn % 1000 !== 0 || !existsSync(release); turn++) {
    turns.inc();
    seconds.observe(0.001);
    recent.observe(1);
    level.set({ of: 'turns' }, turn);
  }
});
// The server alone would not keep the process alive.
setInterval(() => {}, 60_000);
console.log(server.url);
