import type { Registrable } from '../metrics/metric-registry.js';
import { ConfigError, show } from '../model/errors.js';
import type { FamilySnapshot } from '../model/family.js';
import { FAMILY_TYPES, type FamilyType, TYPE_RULES } from '../model/family-types.js';
import { checkMetricName } from '../model/names.js';
import { AGGREGATORS, type Aggregator, type MetricObject, snapshotOfObject } from '../promclient/metric-object.js';
import { type Collector, checkFamily } from './collector.js';

/** A metric of another library that has prom-client's `get()`, such as a Counter of prom-client itself. */
export interface ForeignMetric {
  readonly kind?: undefined;
  readonly name: string;
  /** The metric with all its values, in prom-client's form. May be async. Called once for each page. */
  get(): unknown;
  readonly help?: string;
  /** `counter`, `gauge`, `histogram`, `summary` or another type of promark. Default: what `get()` returns. */
  readonly type?: string;
  readonly labelNames?: readonly string[];
  readonly aggregator?: string;
  /** Sets the metric back to what it was when it was made. */
  reset?(): void;
}

/**
 * A metric of another library as a registry keeps it. Its snapshot is taken when a page is made; one that cannot be
 * taken, or is no metric, keeps the family off that page.
 */
export class AdaptedMetric implements Extract<Registrable, { kind: 'snapshot' }> {
  readonly kind = 'snapshot';
  readonly name: string;
  readonly unit = '';
  readonly labelNames: readonly string[];
  readonly aggregator: Aggregator;
  private latest: FamilySnapshot;

  constructor(readonly original: ForeignMetric) {
    const { name, help, type, labelNames, aggregator } = original;
    checkMetricName(name);
    this.name = name;
    this.labelNames = Array.isArray(labelNames) ? labelNames.map(String) : [];
    this.aggregator = AGGREGATORS.find((known) => known === aggregator) ?? 'sum';
    this.latest = {
      name,
      type: familyType(type) ?? 'unknown',
      help: typeof help === 'string' ? help : '',
      unit: '',
      samples: [],
    };
  }

  get type(): FamilyType {
    return this.latest.type;
  }

  get help(): string {
    return this.latest.help;
  }

  get sampleNames(): readonly string[] {
    return sampleNames(this.name, this.type);
  }

  /** Takes a snapshot. Rejects with what `get()` throws, or with ConfigError if it returns no metric of this name. */
  async refresh(): Promise<void> {
    const given = await this.original.get();
    const { name, help } = this;
    const { type } = this.original;
    this.latest = familyOf(given, { name, help, ...(type !== undefined && { type }) });
  }

  snapshot(): FamilySnapshot {
    return this.latest;
  }

  reset(): void {
    this.original.reset?.();
  }

  /** Leaves all series where they are: prom-client's metrics cannot list theirs at once. */
  removeMatching(): number {
    return 0;
  }
}

/** A metric of another library whose name is known only when it is read. */
export type NamelessMetric = Pick<ForeignMetric, 'get'>;

/** Whether something is a metric that has a `get()` but no name. */
export function isNameless(metric: unknown): metric is NamelessMetric {
  if (typeof metric !== 'object' || metric === null) return false;
  const { kind, name, get } = metric as { readonly kind?: unknown; readonly name?: unknown; readonly get?: unknown };
  return kind === undefined && name === undefined && typeof get === 'function';
}

/** So that registering a metric twice changes nothing. */
const collectors = new WeakMap<NamelessMetric, Collector>();

/** Returns the collector of a nameless metric, the same one at each call. */
export function collectorFor(metric: NamelessMetric): Collector {
  let collector = collectors.get(metric);
  if (collector === undefined) {
    collector = {
      name: 'metric without a name',
      async *collect() {
        const given = (await metric.get()) as Partial<MetricObject> | undefined;
        yield familyOf(given, { name: String(given?.name) });
      },
    };
    collectors.set(metric, collector);
  }
  return collector;
}

/** The family in what a `get()` returned; `own` is the metric itself. Throws ConfigError or LabelError. */
function familyOf(given: unknown, own: Pick<ForeignMetric, 'name' | 'help' | 'type'>): FamilySnapshot {
  const { name } = own;
  const isObject = typeof given === 'object' && given !== null;
  const object: Partial<MetricObject> = isObject ? given : {};
  const type = familyType(own.type) ?? familyType(object.type);
  // prom-client shows the header of a metric without values.
  const values = object.values ?? (isObject ? [] : undefined);
  if (!Array.isArray(values) || type === undefined) {
    throw new ConfigError(
      `Expected get() of metric "${name}" to return { type, values } as prom-client's metrics do, got ${show(given)}.`,
    );
  }
  const help = typeof object.help === 'string' ? object.help : (own.help ?? '');
  const family = snapshotOfObject({ name, help, type, values });
  const known = sampleNames(name, type);
  const stray = family.samples.find((sample) => !known.includes(sample.name));
  if (stray !== undefined) throw new ConfigError(`${type} "${name}" cannot have a sample named ${show(stray.name)}.`);
  return checkFamily(family);
}

/** What `registerMetric` takes. The types of prom-client do not declare that its metrics have a name. */
export type MetricLike = Registrable | Pick<ForeignMetric, 'get'>;

/** Returns a metric of promark as it is, adapts one of another library, and throws ConfigError for anything else. */
export function toRegistrable(metric: unknown): Registrable {
  if (typeof metric === 'object' && metric !== null) {
    const { kind, name, get } = metric as { readonly kind?: unknown; readonly name?: unknown; readonly get?: unknown };
    if (kind === 'curried') {
      throw new ConfigError(
        `Metric "${String(name)}" cannot be registered with labels given by curry(): register the metric that curry() was ` +
          'called on, which has the same series.',
      );
    }
    if (typeof name === 'string' && (kind === 'live' || kind === 'snapshot')) return metric as Registrable;
    if (typeof name === 'string' && typeof get === 'function') return new AdaptedMetric(metric as ForeignMetric);
  }
  throw new ConfigError(
    'A registry takes metrics: those of promark, and objects with a name and a get(), such as those of prom-client; ' +
      `got ${show(metric)}. For values that are kept elsewhere, use registry.registerCollector().`,
  );
}

/** The metric that was registered: the other library's own object instead of its adapter. */
export function originalOf(metric: Registrable): Registrable | ForeignMetric {
  return metric instanceof AdaptedMetric ? metric.original : metric;
}

function familyType(type: unknown): FamilyType | undefined {
  return type === 'untyped' ? 'unknown' : FAMILY_TYPES.find((known) => known === type);
}

function sampleNames(name: string, type: FamilyType): string[] {
  const { lines, suffixes } = TYPE_RULES[type];
  // Such an object may call the sample of an info like the family.
  return [...(lines === 'value' ? [''] : []), ...suffixes].map((suffix) => name + suffix);
}
