// A process of a group with counters of three labels, some of which it changes on request.
import { load } from '../harness/clients.mjs';
import { random } from '../harness/loop.mjs';
import { LABEL_NAMES, methodOf, routeOf, statusOf } from '../harness/traffic.mjs';

const [name, series, seed] = JSON.parse(process.env.BENCH_WORKER);
const next = random(seed);
const client = await load(name);
if (name !== 'promark') new (await import(name)).default.AggregatorRegistry();
const counter = new client.Counter({ name: 'requests_total', help: 'Requests', labelNames: LABEL_NAMES, maxSeries: 0 });
const childOf = (i) => counter.labels(methodOf(i), routeOf(i), statusOf(i));
for (let i = 0; i < series; i++) childOf(i).inc(Math.floor(10 ** (1 + 5 * next())));
process.on('message', ({ change, bench }) => {
  if (bench !== true) return;
  for (let i = 0; i < change; i++) {
    childOf(change === series ? i : Math.floor(next() * series)).inc(1 + Math.floor(next() * 9));
  }
  process.send({ bench: true, rss: process.memoryUsage().rss });
});
process.send({ bench: true, rss: process.memoryUsage().rss });
