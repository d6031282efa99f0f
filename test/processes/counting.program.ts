import { openSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  Counter,
  counterFamily,
  Gauge,
  gaugeFamily,
  Histogram,
  Info,
  metricsHandler,
  register,
  Summary,
} from 'promark';

// Counts on request, and serves the page of its group.
const hits = new Counter({ name: 'hits_total', help: 'Hits', labelNames: ['who'] });
const all = new Counter({ name: 'all_total', help: 'All' });
const seconds = new Histogram({ name: 'seconds', help: 'Seconds', buckets: [0.1, 1], native: true });
const latency = new Summary({ name: 'latency', help: 'Latency', percentiles: [0.5] });
const users = new Gauge({ name: 'users', help: 'Users', aggregate: 'livesum' });
const each = new Gauge({ name: 'each', help: 'Each', aggregate: 'all' });
const best = new Gauge({ name: 'best', help: 'Best', aggregate: 'max' });
new Gauge({
  name: 'load',
  help: 'Load',
  collect() {
    this.set(7);
  },
});
register.registerCollector({
  name: 'queue',
  *collect() {
    yield counterFamily('queued_total', 'Queued', 4);
    yield gaugeFamily('queue_depth', 'Depth of the queue', 2);
  },
});
new Info({ name: 'build', help: 'Build' }).info({ version: '1' });

const { WHO: who = String(process.pid), COUNT: count = '0', LOG: log } = process.env;
for (let i = 0; i < Number(count); i++) {
  hits.inc({ who });
  all.inc();
  seconds.observe(i % 2);
  latency.observe(i);
}
users.set(2);
each.set(Number(count));
best.set(Number(count));

if (log !== undefined) {
  const file = openSync(log, 'a');
  let isSlow = process.env.SLOW === '1';
  if (isSlow)
    process.stdin.once('data', () => {
      isSlow = false;
      process.stdin.destroy();
    });
  const step = () => {
    for (let i = 0; i < (isSlow ? 20 : 500); i++) {
      all.inc();
      writeSync(file, 'x');
    }
    if (isSlow) setTimeout(step, 200);
    else setImmediate(step);
  };
  step();
}

const server = createServer(metricsHandler());
server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
