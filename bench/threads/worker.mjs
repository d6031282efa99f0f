// A worker thread with counters of three labels, which changes some of them when it is asked to.
import { parentPort, workerData } from 'node:worker_threads';
import { load } from '../harness/clients.mjs';
import { nanosecondsPerCall, random } from '../harness/loop.mjs';
import { LABEL_NAMES, methodOf, routeOf, statusOf } from '../harness/traffic.mjs';

const { name, series, seed } = workerData;
const next = random(seed);
if (name === undefined) parentPort.postMessage('ready');
else {
  const client = await load(name);
  if (name !== 'promark') new (await import(name)).default.WorkerRegistry();
  const counter = new client.Counter({
    name: 'requests_total',
    help: 'Requests',
    labelNames: LABEL_NAMES,
    maxSeries: 0,
  });
  const childOf = (i) => counter.labels(methodOf(i), routeOf(i), statusOf(i));
  for (let i = 0; i < series; i++) childOf(i).inc(Math.floor(10 ** (1 + 5 * next())));
  parentPort.on('message', ({ change, inc }) => {
    if (inc !== undefined) {
      const child = childOf(0);
      const batch = (calls) => {
        for (let i = 0; i < calls; i++) child.inc();
      };
      parentPort.postMessage(nanosecondsPerCall(batch, inc));
      return;
    }
    for (let i = 0; i < change; i++)
      childOf(change === series ? i : Math.floor(next() * series)).inc(1 + Math.floor(next() * 9));
    parentPort.postMessage('changed');
  });
  parentPort.postMessage('ready');
}
