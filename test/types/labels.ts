// Never run: `npm run typecheck` fails if the compiler accepts what it should reject, or rejects what it should accept.
import { Counter, Gauge, Histogram, Info, StateSet, Summary } from 'promark';

const hits = new Counter({ name: 'hits_total', help: 'Hits', labelNames: ['method', 'code'] });

hits.inc({ method: 'GET', code: 200 });
hits.inc({ method: 'GET', code: '200' }, 2);
hits.inc({ code: undefined, method: null });
hits.inc({ method: true, code: 5n });
// @ts-expect-error: labels are missing
hits.inc();
// @ts-expect-error: labels are missing
hits.inc(5);
// @ts-expect-error: labels are missing
hits.inc({});
// @ts-expect-error: no such label
hits.inc({ methd: 'GET', code: 200 });
// @ts-expect-error: a label is missing
hits.inc({ method: 'GET' });
// @ts-expect-error: one label too many
hits.inc({ method: 'GET', code: 200, path: '/' });
// @ts-expect-error: an object is not a label value
hits.inc({ method: {}, code: 200 });
// @ts-expect-error: nor is a symbol
hits.inc({ method: Symbol('GET'), code: 200 });
// @ts-expect-error: a string is not an increment
hits.inc({ method: 'GET', code: 200 }, '2');

hits.labels('GET', 200).inc();
hits.labels({ method: 'GET', code: 200 }).inc(2);
// @ts-expect-error: a value is missing
hits.labels('GET');
// @ts-expect-error: one value too many
hits.labels('GET', 200, '/');
// @ts-expect-error: an object is not a label value
hits.labels('GET', {});
// @ts-expect-error: no such label
hits.labels({ method: 'GET', status: 200 });

declare const some: (string | number)[];
hits.labels(...some).inc();
hits.remove(...some);
// @ts-expect-error: one value too many
hits.labels('GET', 200, '/', ...([] as const));
// @ts-expect-error: no label value
hits.labels(...[{}]);

hits.remove('GET', 200);
hits.remove({ method: 'GET', code: 200 });
hits.removeMatching({ method: 'GET' });
hits.zero({ method: 'GET', code: 200 });
// @ts-expect-error: a value is missing
hits.remove('GET');
// @ts-expect-error: no such label
hits.zero({ status: 200 });

// Known values as well.
type Call = { method: 'GET' | 'POST'; code: number };
const calls = new Histogram<Call>({ name: 'call_seconds', help: 'Calls', labelNames: ['method', 'code'] });
calls.observe({ method: 'GET', code: 200 }, 0.5);
calls.labels({ method: 'POST', code: 200 }).observe(1);
calls.startTimer({ method: 'GET' })({ code: 200 });
// @ts-expect-error: no such value
calls.observe({ method: 'PUT', code: 200 }, 0.5);
// @ts-expect-error: a number is wanted
calls.observe({ method: 'GET', code: '200' }, 0.5);
// @ts-expect-error: no such value
calls.startTimer({ method: 'PUT' });
// @ts-expect-error: no such value at the end of the timer
calls.startTimer()({ method: 'PUT' });
// @ts-expect-error: labelNames holds a name that the labels do not have
new Histogram<Call>({ name: 'x', help: 'X', labelNames: ['method', 'status'] });

// Known names as a union.
const queues = new Gauge<'queue' | 'shard'>({ name: 'queue_length', help: 'Length', labelNames: ['queue', 'shard'] });
queues.set({ queue: 'mail', shard: 1 }, 5);
queues.labels('mail', 1).inc();
queues.setToCurrentTime({ queue: 'mail', shard: 1 });
// @ts-expect-error: no such label
queues.set({ queue: 'mail', shrad: 1 }, 5);
// @ts-expect-error: a label is missing
queues.set({ queue: 'mail' }, 5);

// Unknown names.
declare const names: string[];
const free = new Summary({ name: 'free', help: 'Free', labelNames: names });
free.observe({ anything: 'goes' }, 1);
free.labels('any', 'number', 'of', 'values').observe(1);
const loose = new Counter<string>({ name: 'loose_total', help: 'Loose', labelNames: ['a'] });
loose.inc({ a: 'x' });
loose.labels('x').inc();

// As a constant.
const labelNames = ['a', 'b'] as const;
const fixed = new Gauge({ name: 'fixed', help: 'Fixed', labelNames });
fixed.set({ a: 1, b: 2 }, 3);
// @ts-expect-error: no such label
fixed.set({ a: 1, c: 2 }, 3);

// No labels.
const bare = new Gauge({ name: 'bare', help: 'Bare' });
bare.set(5);
bare.set({}, 5);
bare.labels().inc();
bare.remove();
bare.zero();
// @ts-expect-error: there are none
bare.set({ a: 'x' }, 5);
// @ts-expect-error: there are none
bare.labels('x');

// Names of members of every object.
const odd = new Counter({ name: 'odd_total', help: 'Odd', labelNames: ['constructor', 'toString'] });
odd.labels('a', 'b').inc();

// States and strings.
const task = new StateSet({ name: 'task', help: 'Task', states: ['starting', 'running'] });
task.state('running');
task.labels().state('starting');
// @ts-expect-error: no such state
task.state('sleeping');
// @ts-expect-error: no such state
task.labels().state('sleeping');
const tasks = new StateSet({ name: 'tasks', help: 'Tasks', labelNames: ['id'], states: ['on', 'off'] });
tasks.state({ id: 1 }, 'on');
// @ts-expect-error: no such label
tasks.state({ name: 1 }, 'on');
// @ts-expect-error: texts have no unit
new StateSet({ name: 'state', help: 'State', states: ['on'], unit: 'state' });
new Info({ name: 'build', help: 'Build' }).info({ version: '1', debug: false });
const nodes = new Info({ name: 'node', help: 'Nodes', labelNames: ['region'] });
nodes.info({ region: 'eu' }, { version: '1' });
nodes.labels('eu').info({ version: '1' });
nodes.remove({ region: 'eu' });
// @ts-expect-error: no such label
nodes.labels({ zone: 'a' });
// @ts-expect-error: an object is not a string
nodes.info({ region: 'eu' }, { version: {} });

// One label of a union is not enough.
declare function record<L extends string>(metric: Counter<L>, name: L): void;
record(new Counter<'a' | 'b'>({ name: 'x_total', help: 'X', labelNames: ['a', 'b'] }), 'a');
const none = new Counter<never>({ name: 'none_total', help: 'None' });
none.inc();
// @ts-expect-error: there are none
none.inc({ a: 'x' });
none.labels().inc();

const gets = hits.curry({ method: 'GET' });
gets.inc({ code: 200 });
gets.labels(200).inc();
gets.curry({ code: 200 }).inc();
// @ts-expect-error: no such label
hits.curry({ methd: 'GET' });
// @ts-expect-error: the label is given already
gets.inc({ code: 200, method: 'GET' });
// @ts-expect-error: a value is missing
gets.labels();
// @ts-expect-error: one value too many
gets.labels('GET', 200);

// A call without labels on a metric that has some.
const waits = new Summary({ name: 'wait_seconds', help: 'W', labelNames: ['queue'] });
// @ts-expect-error: labels are missing
waits.observe(1);
// @ts-expect-error: labels are missing
calls.observe(1);
// @ts-expect-error: labels are missing
queues.set(1);
// @ts-expect-error: labels are missing
queues.inc();
// @ts-expect-error: labels are missing
queues.dec(2);
// @ts-expect-error: labels are missing
tasks.state('on');
free.observe(1);
loose.inc();
