import * as namespace from 'promark';
import client, {
  Counter,
  collectDefaultMetrics,
  exponentialBuckets,
  Gauge,
  Histogram,
  Info,
  linearBuckets,
  Registry,
  register,
  StateSet,
  Summary,
} from 'promark';

const requests = new Counter({ name: 'http_requests_total', help: 'Requests', labelNames: ['method', 'endpoint'] });
requests.inc({ method: 'GET', endpoint: '/items' });
requests.inc({ method: 'GET', endpoint: '/items' }, 2);
requests.labels('GET', '/items').inc();
// @ts-expect-error: there is no such label
requests.inc({ methd: 'GET', endpoint: '/items' });

const own = new Registry();
const users = new Gauge({ name: 'users', help: 'Users', registers: [own] });
users.set(5);
users.inc();
users.dec(2);
users.setToCurrentTime();

const seconds = new Histogram({ name: 'job_seconds', help: 'Job time', buckets: [0.1, ...linearBuckets(1, 1, 3)] });
seconds.observe(0.3);
const end = seconds.startTimer();
export const elapsed: number = end();
export const timed: Promise<string> = seconds.time(async () => 'done');

const latency = new Summary({ name: 'rpc_seconds', help: 'RPC', percentiles: [0.5, 0.99], maxAgeSeconds: 600 });
latency.observe(1);

new Info({ name: 'build', help: 'Build' }).info({ version: '1.2.3' });
const task = new StateSet({ name: 'task', help: 'Task', states: ['starting', 'running'] });
task.state('running');
// @ts-expect-error: there is no such state
task.state('sleeping');

collectDefaultMetrics({ register: own });
export const buckets: number[] = exponentialBuckets(1, 2, 5);
export const page: Promise<string> = register.metrics();

export const orders: client.Counter<'by'> = new client.Counter({
  name: 'orders_total',
  help: 'Orders',
  labelNames: ['by'],
});
export const config: client.CounterConfiguration<string> = { name: 'orders_total', help: 'Orders' };
export const same: namespace.Registry = client.register;
export const metric: namespace.Metric = new namespace.Gauge({ name: 'stock', help: 'Stock' });
