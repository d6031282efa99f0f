import { existsSync } from 'node:fs';
import { Counter, collectDefaultMetrics, Gauge, Histogram, register, Summary, startHttpServer } from 'promark';

// Serves its metrics. At SIGUSR2 it blocks its main thread, counting, until the file that RELEASE names exists.

collectDefaultMetrics();
const turns = new Counter({ name: 'turns_total', help: 'Turns of the loop' });
const seconds = new Histogram({ name: 'turn_seconds', help: 'Time of a turn' });
const recent = new Summary({ name: 'turn_size', help: 'Size of a turn', maxAgeSeconds: 60 });
const laps = new Counter({ name: 'laps_total', help: 'Laps of many turns', labelNames: ['lap'] });
new Gauge({
  name: 'asked',
  help: 'How often this thread was asked',
  collect() {
    this.inc();
  },
});

const server = await startHttpServer({ port: 0, host: '127.0.0.1', thread: true });

process.once('SIGUSR2', () => {
  const release = process.env.RELEASE ?? '';
  for (let turn = 1; turn % 1000 !== 0 || !existsSync(release); turn++) {
    turns.inc();
    seconds.observe(0.001);
    recent.observe(turn % 100);
    if (turn % 10_000 === 0) laps.inc({ lap: turn / 10_000 });
    if (turn % 100_000 === 0) register.setDefaultLabels({ lap: turn / 100_000 });
  }
  register.setDefaultLabels({ lap: 'done' });
});
// The server alone would not keep the process alive.
setInterval(() => {}, 60_000);
console.log(server.url);
