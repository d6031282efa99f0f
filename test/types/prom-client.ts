// Never run: code for prom-client must compile with promark.
import {
  AggregatorRegistry,
  type CollectFunction,
  Counter,
  type CounterConfiguration,
  collectDefaultMetrics,
  contentType,
  type DefaultMetricsCollectorConfiguration,
  exponentialBuckets,
  Gauge,
  type GaugeConfiguration,
  Histogram,
  type HistogramConfiguration,
  type IncreaseDataWithExemplar,
  Info,
  type LabelValues,
  linearBuckets,
  type Metric,
  type MetricConfiguration,
  type MetricObject,
  type MetricObjectWithValues,
  type MetricType,
  type MetricValue,
  type MetricValueWithName,
  type ObserveDataWithExemplar,
  type OpenMetricsContentType,
  openMetricsContentType,
  type PrometheusContentType,
  Pushgateway,
  Registry,
  type RegistryContentType,
  register,
  type StateSet,
  Summary,
  type SummaryConfiguration,
} from 'promark';

const registry = new Registry();

const counter: Counter<'method' | 'code'> = new Counter<'method' | 'code'>({
  name: 'http_requests_total',
  help: 'Requests',
  labelNames: ['method', 'code'] as const,
  registers: [registry],
  aggregator: 'sum',
  enableExemplars: true,
  collect() {
    this.inc({ method: 'GET', code: 200 }, 1);
  },
});
counter.inc({ method: 'GET', code: '200' }, 10);
counter.inc({ labels: { method: 'GET', code: 200 }, value: 2, exemplarLabels: { traceId: 'abc' } });
counter.labels('GET', '200').inc();
counter.labels({ method: 'GET', code: '200' }).inc(5);
counter.remove('GET', '200');
counter.reset();

const free: Counter<string> = new Counter<string>({
  name: 'free_total',
  help: 'Free',
  labelNames: ['a'],
  registers: [],
});
free.inc({ a: 'x' });
const bare: Counter = new Counter({ name: 'bare_total', help: 'Bare' });
bare.inc();
bare.inc(10);

const gauge = new Gauge({
  name: 'queue_size',
  help: 'Size',
  labelNames: ['queue'],
  async collect() {
    const size: number = await Promise.resolve(5);
    this.set({ queue: 'a' }, size);
  },
});
gauge.setToCurrentTime({ queue: 'a' });
const done: (labels?: { queue: string }) => number = gauge.startTimer({ queue: 'a' });
export const gaugeSeconds: number = done();
gauge.labels('a').startTimer()();
gauge.labels('a').setToCurrentTime();

const histogram = new Histogram({
  name: 'request_seconds',
  help: 'Time',
  labelNames: ['status'],
  buckets: [...linearBuckets(0, 1, 3), ...exponentialBuckets(4, 2, 3)],
  enableExemplars: true,
});
histogram.observe({ status: '200' }, 1);
histogram.observe({ labels: { status: '200' }, value: 1, exemplarLabels: { traceId: 'abc', spanId: 7 } });
const end = histogram.startTimer({ status: '200' }, { traceId: 'abc' });
export const seconds: number = end({ status: '500' }, { spanId: 'def' });
histogram.zero({ status: '200' });
histogram.labels('200').observe(1);
histogram.labels('200').startTimer()({ status: '500' });

const summary = new Summary({
  name: 'rpc_seconds',
  help: 'RPC',
  percentiles: [0.5, 0.99],
  maxAgeSeconds: 600,
  ageBuckets: 5,
  pruneAgedBuckets: true,
  compressCount: 100,
});
summary.observe(1);
summary.startTimer()();

export const value: Promise<MetricObject> = counter.get();
export const values: Promise<readonly { value: number; labels: object }[]> = counter.get().then((got) => got.values);

// Metrics with any labels in one collection.
export const all: readonly (Counter<string> | Gauge<string>)[] = [free];
export function count<T extends string>(metric: Counter<T>, labels: Record<T, string>): void {
  metric.inc(labels);
}
count(counter, { method: 'GET', code: '200' });
registry.registerMetric(counter);
registry.registerMetric<'method' | 'code'>(counter);
registry.registerMetric(histogram);
register.registerMetric(summary);

export const kept = new Map<string, Metric<string>>();
kept.set('free_total', free);

// Registries and their content types.
export const open = new Registry<OpenMetricsContentType>(openMetricsContentType);
export const plain: Registry<PrometheusContentType> = new Registry();
export const shared: Registry<PrometheusContentType> = register;
open.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
export const type: RegistryContentType = register.contentType;
export const standard: RegistryContentType = contentType;
new Counter({ name: 'x_total', help: 'X', registers: [open, plain] });
const config: DefaultMetricsCollectorConfiguration<OpenMetricsContentType> = { register: open, prefix: 'x_' };
collectDefaultMetrics(config);

// Values.
export const object: Promise<MetricObjectWithValues<MetricValue<string>>> = counter.get();
export const listed: Promise<MetricObjectWithValues<MetricValueWithName<string>>[]> = registry.getMetricsAsJSON();
export const one: MetricValue<'a' | 'b'> = { value: 1, labels: { a: 'x' } };
export const kind: MetricType = 'counter';
const increase: IncreaseDataWithExemplar<'method' | 'code'> = { labels: { method: 'GET', code: 1 }, value: 1 };
counter.inc(increase);
const observation: ObserveDataWithExemplar<'status'> = { value: 1, labels: { status: 1 } };
new Histogram<'status'>({ name: 'y', help: 'Y', labelNames: ['status'] }).observe(observation);
const collect: CollectFunction<Gauge<'queue'>> = function () {
  this.set({ queue: 'x' }, 1);
};
new Gauge<'queue'>({ name: 'q', help: 'Q', labelNames: ['queue'], collect });

// Labels that are a type parameter.
export class Wrapper<T extends string> {
  private readonly counter: Counter<T>;
  private readonly gauge: Gauge<T>;
  private readonly histogram: Histogram<T>;
  constructor(names: T[]) {
    this.counter = new Counter({ name: 'wrapped_total', help: 'W', labelNames: names });
    this.gauge = new Gauge<T>({ name: 'wrapped', help: 'W', labelNames: names });
    this.histogram = new Histogram<T>({ name: 'wrapped_seconds', help: 'W', labelNames: names, buckets: [1] });
  }
  hit(labels: Record<T, string>, seconds: number): void {
    this.counter.inc(labels);
    this.counter.inc(labels, 2);
    this.gauge.set(labels, seconds);
    this.gauge.inc(labels);
    this.gauge.dec(labels, 2);
    this.histogram.observe(labels, seconds);
    this.histogram.startTimer(labels)();
    // @ts-expect-error: no labels of the metric
    this.gauge.set({ a: 1 }, 1);
    // @ts-expect-error: a string is not a value
    this.gauge.set(labels, 'x');
  }
  hitSome(labels: LabelValues<T>): void {
    this.counter.inc(labels);
    this.gauge.set(labels, 1);
    this.histogram.observe(labels, 1);
    this.counter.labels(labels).inc();
    this.gauge.remove(labels);
    this.gauge.zero(labels);
    this.gauge.setToCurrentTime(labels);
    this.histogram.startTimer(labels)(labels);
  }
  hitChildren(labels: Record<T, string>, values: string[]): void {
    this.counter.labels(labels).inc();
    this.counter.labels(...values).inc();
    this.counter.labels('GET', '/').inc();
    this.gauge.labels('GET').set(1);
    this.histogram.remove(labels);
    this.histogram.remove(...values);
    this.histogram.remove('GET', '/');
    // @ts-expect-error: an object is not a label value
    this.counter.labels('GET', {});
  }
  hitWithExemplars(labels: Record<T, string>, exemplarLabels: { traceId: string }): void {
    this.counter.inc({ labels, value: 1, exemplarLabels });
    this.histogram.observe({ labels, value: 1, exemplarLabels });
  }
  hitUnlabeled(): void {
    this.counter.inc();
    this.counter.inc(2);
    this.gauge.set(2);
    this.histogram.observe(2);
  }
}
export class Extended<T extends string> {
  constructor(private readonly counter: Counter<T | 'tenant'>) {}
  hit(labels: Record<T, string>): void {
    this.counter.inc({ ...labels, tenant: 'a' });
    this.counter.labels({ ...labels, tenant: 'a' }).inc();
  }
}
export class Fields<T extends string> {
  names: T[] = [];
  counter: Counter<T> = new Counter({ name: 'field_total', help: 'F', labelNames: this.names });
  all = new Map<string, Counter<T>>([['a', new Counter<T>({ name: 'a_total', help: 'A', labelNames: this.names })]]);
}
export function make<T extends string>(labelNames: readonly T[]): Summary<T> {
  return new Summary({ name: 'made', help: 'M', labelNames });
}
make(['a', 'b']).observe({ a: 1, b: 2 }, 3);
// @ts-expect-error: no such label
make(['a', 'b']).observe({ a: 1, c: 2 }, 3);

// Counters of any labels.
kept.set('other_total', new Counter({ name: 'other_total', help: 'O', labelNames: ['x', 'y'] }));
kept.set('none_total', new Counter({ name: 'none_total', help: 'N' }));
export const wide: Counter<string> = counter;
export const clocks: Histogram<string>[] = [histogram, new Histogram({ name: 'bare_seconds', help: 'B' })];
wide.inc();
wide.inc({}, 2);
wide.labels(...Object.values({ method: 'GET', code: '200' })).inc();
counter.labels(...Object.values({ method: 'GET', code: '200' })).inc();
counter.remove(...Object.values({ method: 'GET', code: '200' }));
export function labelsOfAny(metric: Metric<string>, values: string[]): void {
  metric.labels(...values);
  metric.remove(...values);
}
enum Label {
  Method = 'method',
}
new Counter({ name: 'enum_total', help: 'E', labelNames: [Label.Method] }).inc({ [Label.Method]: 'GET' });

// A metric that is looked up has the members of all four types.
export async function lookedUp(): Promise<unknown> {
  const metric = register.getSingleMetric('free_total');
  metric?.reset();
  metric?.remove('a');
  metric?.labels('a');
  const typed: Metric<'a'> | undefined = register.getSingleMetric<'a'>('free_total');
  const cast = register.getSingleMetric('free_total') as Counter<'a'>;
  cast.inc({ a: 'x' });
  const timed = register.getSingleMetric('seconds') as Histogram<string> | undefined;
  timed?.observe({ a: 'x' }, 1);
  if (metric instanceof Counter) metric.inc();
  return [typed, (await metric?.get())?.values.length];
}
// promark's other types are named.
export const version: Info | undefined = register.getSingleMetric<Info>('app');
export const mode: StateSet | undefined = register.getSingleMetric<StateSet>('mode');

// Classes that are generic over the content type.
const gateway = new Pushgateway<RegistryContentType>('http://127.0.0.1:9091', { timeout: 5000 }, register);
export const gateways: Pushgateway<PrometheusContentType>[] = [gateway, new Pushgateway('http://127.0.0.1:9091', open)];
const group: Pushgateway.Parameters = { jobName: 'shop', groupings: { instance: 'a' } };
export const pushed: Promise<{ resp?: unknown; body?: unknown }> = gateway.pushAdd(group);
export const pushOptions: Pushgateway.Options = { timeout: 5000 };
export const cluster: AggregatorRegistry<PrometheusContentType> = new AggregatorRegistry();

// Children, and what a type of metric has besides the common options.
export const children: [
  Counter.Internal,
  Gauge.Internal<'queue'>,
  Histogram.Internal<'status'>,
  Summary.Internal<'a'>,
] = [counter.labels('GET', '200'), gauge.labels('a'), histogram.labels('200'), summary.labels()];
export const bounds: Histogram.Config = { buckets: [1, 2] };
export const ranks: Summary.Config = { percentiles: [0.5] };

// Configurations that are completed step by step.
export function configured(prefix: string): Counter<string> {
  const config: CounterConfiguration<string> = { name: 'c_total', help: 'C' };
  config.name = prefix + config.name;
  config.labelNames = ['a'];
  config.registers = [register];
  const settings: MetricConfiguration<'a'> = { name: 'm', help: 'M', labelNames: ['a'] };
  settings.help = 'N';
  const others: [GaugeConfiguration<'a'>, HistogramConfiguration<'a'>, SummaryConfiguration<'a'>] = [
    settings,
    settings,
    settings,
  ];
  others[0].aggregator = 'max';
  others[1].buckets = [1];
  others[2].percentiles = [0.5];
  return new Counter(config);
}

// Arrays of values that belong to the caller.
export async function sorted(): Promise<MetricValueWithName<'status'>[]> {
  const values: MetricValueWithName<'status'>[] = (await histogram.get()).values;
  (await registry.getMetricsAsJSON())[0]?.values.sort((a, b) => a.value - b.value);
  return values;
}
// What comes from another process is any object.
export function aggregated(lists: object[]): Registry {
  return AggregatorRegistry.aggregate(lists);
}
interface Defaults {
  app: string;
  version: number;
}
export function defaultLabels(labels: object, defaults: Defaults): void {
  register.setDefaultLabels(labels);
  register.setDefaultLabels(defaults);
  // @ts-expect-error: an object is not a label value
  register.setDefaultLabels({ app: {} });
}

// Subclasses with a collect of their own.
export class Depth extends Gauge<'queue'> {
  override collect(): void {
    this.set({ queue: 'a' }, 1);
  }
}
export class Jobs extends Counter {
  override collect = async (): Promise<void> => {
    this.inc();
  };
}
export class Build extends Info {
  override collect(): void {
    this.info({ version: '1' });
  }
}
gauge.collect = async () => gauge.set({ queue: 'a' }, 1);
new Depth({ name: 'depth', help: 'D', labelNames: ['queue'] }).collect();

// Lists of configurations can be added to.
const growing: HistogramConfiguration<string> = { name: 'z', help: 'Z', buckets: linearBuckets(0, 1, 3) };
growing.buckets?.push(4);
export const grown = new Histogram(growing);
const ranked: SummaryConfiguration<string> = { name: 'r', help: 'R', percentiles: [0.5] };
ranked.percentiles?.push(0.9);
bounds.buckets?.push(3);
ranks.percentiles?.push(0.9);
export const quantiles = new Summary(ranked);
