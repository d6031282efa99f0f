import type { Registrable } from '../metrics/metric-registry.js';
import { AGGREGATORS } from '../model/aggregation.js';
import { ConfigError, show } from '../model/errors.js';
import type { FamilySnapshot } from '../model/family.js';
import { FAMILY_TYPES, type FamilyType, TYPE_RULES } from '../model/family-types.js';
import { checkMetricName } from '../model/names.js';
import { type Aggregator, type MetricObject, snapshotOfObject } from '../promclient/metric-object.js';
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
  /** Resets the metric to its initial state. */
  reset?(): void;
}

/** Adapts a metric of another library for a registry. Throws ConfigError for an invalid name. */
export function adaptMetric(original: ForeignMetric): Registrable {
  return new AdaptedMetric(original);
}

/**
 * A metric of another library in a registry. Its snapshot is taken for each page; if that fails, or `get()`
 * does not return a metric, the family is left out of the page.
 */
class AdaptedMetric implements Extract<Registrable, { kind: 'snapshot' }> {
  readonly kind = 'snapshot';
  readonly name: string;
  readonly unit = '';
  readonly labelNames: readonly string[];
  readonly aggregator: Aggregator;
  private latest: FamilySnapshot;

  constructor(private readonly original: ForeignMetric) {
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

  /** Takes a snapshot. Rejects with the error of `get()`, or with ConfigError if it does not return a metric. */
  async refresh(): Promise<void> {
    const result = await this.original.get();
    const { name, help } = this;
    const { type } = this.original;
    this.latest = toFamily(result, { name, help, ...(type !== undefined && { type }) });
  }

  snapshot(): FamilySnapshot {
    return this.latest;
  }

  reset(): void {
    this.original.reset?.();
  }

  /** Removes nothing: prom-client's metrics cannot list their series synchronously. */
  removeMatching(): number {
    return 0;
  }
}

/** A metric of another library whose name is known only when it is read. */
export type NamelessMetric = Pick<ForeignMetric, 'get'>;

/** One collector per metric, so that registering it twice has no effect. */
const collectors = new WeakMap<NamelessMetric, Collector>();

/** Returns the collector of a nameless metric, the same one at each call. */
export function collectorFor(metric: NamelessMetric): Collector {
  let collector = collectors.get(metric);
  if (collector === undefined) {
    collector = {
      name: 'metric without a name',
      async *collect() {
        const result = (await metric.get()) as Partial<MetricObject> | undefined;
        yield toFamily(result, { name: String(result?.name) });
      },
    };
    collectors.set(metric, collector);
  }
  return collector;
}

/** Returns the family for the result of a `get()`; `metric` is the metric itself. Throws ConfigError or LabelError. */
function toFamily(result: unknown, metric: Pick<ForeignMetric, 'name' | 'help' | 'type'>): FamilySnapshot {
  const { name } = metric;
  const isObject = typeof result === 'object' && result !== null;
  const object: Partial<MetricObject> = isObject ? result : {};
  const type = familyType(metric.type) ?? familyType(object.type);
  // Without values, prom-client prints only the header.
  const values = object.values ?? (isObject ? [] : undefined);
  if (!Array.isArray(values) || type === undefined) {
    throw new ConfigError(
      `Expected get() of metric "${name}" to return { type, values } as prom-client's metrics do, got ${show(result)}.`,
    );
  }
  const help = typeof object.help === 'string' ? object.help : (metric.help ?? '');
  const family = snapshotOfObject({ name, help, type, values });
  const known = sampleNames(name, type);
  const stray = family.samples.find((sample) => !known.includes(sample.name));
  if (stray !== undefined) throw new ConfigError(`${type} "${name}" cannot have a sample named ${show(stray.name)}.`);
  return checkFamily(family);
}

function familyType(type: unknown): FamilyType | undefined {
  return type === 'untyped' ? 'unknown' : FAMILY_TYPES.find((known) => known === type);
}

function sampleNames(name: string, type: FamilyType): string[] {
  const { lines, suffixes } = TYPE_RULES[type];
  // In such an object, the sample of an info may have the name of the family.
  return [...(lines === 'value' ? [''] : []), ...suffixes].map((suffix) => name + suffix);
}
