import type { Counter } from '../metrics/counter.js';
import type { Gauge } from '../metrics/gauge.js';
import type { Histogram } from '../metrics/histogram.js';
import type { Registrable } from '../metrics/metric-registry.js';
import { describeNative } from '../metrics/native/native-options.js';
import type { Summary } from '../metrics/summary.js';
import { ConfigError, ConflictError, show } from '../model/errors.js';
import { TYPE_RULES } from '../model/family-types.js';
import type { LabelSpec } from '../model/labels.js';
import type { FamilySource } from '../model/live-family.js';
import { checkMetricName, isLegacyMetricName } from '../model/names.js';
import { adaptMetric, type ForeignMetric, type NamelessMetric } from './adapted-metric.js';

/** The metrics of a registry, in the order in which they were registered. */
export class Members {
  private readonly inOrder: Registrable[] = [];
  private readonly claims = new Claims();

  /**
   * Adds a metric and returns it, adapted if it is of another library; undefined if it is already registered. Throws
   * ConflictError, which names both metrics, if another one has the same names, and ConfigError for anything that is
   * not a metric.
   */
  add(metric: MetricLike): Registrable | undefined {
    if (this.registered(metric) !== undefined) return undefined;
    const registrable = toRegistrable(metric);
    this.claims.take(registrable);
    this.inOrder.push(registrable);
    return registrable;
  }

  /** Returns a registered metric, adapted if it is of another library; undefined if it is not registered. */
  registered(metric: MetricLike): Registrable | undefined {
    const known = this.get((metric as Partial<ForeignMetric> | undefined)?.name ?? '');
    return known !== undefined && originalOf(known) === metric ? known : undefined;
  }

  /** Throws ConfigError for a name that is not a string. */
  get(name: string): Registrable | undefined {
    if (typeof name !== 'string') checkMetricName(name);
    const owner = this.claims.ownerOf(name);
    return owner?.name === name ? owner : undefined;
  }

  remove(name: string): void {
    const metric = this.get(name);
    if (metric === undefined) return;
    this.claims.release(metric);
    this.inOrder.splice(this.inOrder.indexOf(metric), 1);
  }

  clear(): void {
    this.inOrder.length = 0;
    this.claims.clear();
  }

  all(): Registrable[] {
    return this.inOrder.slice();
  }

  /** Whether no metric uses this name. */
  isFree(name: string): boolean {
    return this.claims.ownerOf(name) === undefined;
  }
}

/** Throws ConflictError, which names both metrics, unless they have the same type, labels, buckets and unit. */
export function checkSame(existing: Registrable, wanted: Registrable): void {
  if (originalOf(existing) !== existing) {
    throw new ConflictError(
      `Cannot create ${describe(wanted)}: another library's ${describe(existing)} is registered under this name. ` +
        'Choose another name or registry.',
    );
  }
  if (describe(existing) === describe(wanted) && (existing.unit ?? '') === wanted.unit) return;
  throw new ConflictError(
    `Cannot create ${describe(wanted)}: ${describe(existing)} is registered under this name. ` +
      'Make type, labels and buckets the same, or choose another name or registry.',
  );
}

/**
 * The names that each family uses on the page. Two families must not write samples of the same name: Prometheus would
 * drop one or reject the page. Names are compared with underscores for other characters, as old scrapers see them:
 * `a.b` equals `a_b`.
 */
class Claims {
  private readonly owners = new Map<string, Registrable>();

  /**
   * Reserves the names of a family. Throws ConflictError, which names both families, if another one has one of them.
   */
  take(metric: Registrable): void {
    const names = namesOnPage(metric);
    for (const name of names) {
      const owner = this.owners.get(name);
      if (owner !== undefined) throw conflict(metric, owner, name);
    }
    for (const name of names) this.owners.set(name, metric);
  }

  release(metric: Registrable): void {
    for (const name of namesOnPage(metric)) if (this.owners.get(name) === metric) this.owners.delete(name);
  }

  /** Returns the family that may have samples of this name. */
  ownerOf(name: string): Registrable | undefined {
    return this.owners.get(legacyMetricName(name));
  }

  clear(): void {
    this.owners.clear();
  }
}

/** Describes a family for messages: `counter "x" with the labels a, b and the buckets 1.0, +Inf`. */
function describe(metric: Registrable): string {
  const { type, name, labelNames, native } = metric;
  const labels = labelNames.length === 0 ? 'no labels' : `the labels ${labelNames.join(', ')}`;
  const own =
    metric.kind === 'live' ? metric.shape.flatMap(({ label }) => (label === undefined ? [] : [label[1]])) : [];
  const lines = own.length > 0 ? ` and the ${TYPE_RULES[type].lines} ${own.join(', ')}` : '';
  return `${type} "${name}" with ${labels}${lines}${native === undefined ? '' : ` and ${describeNative(native)}`}`;
}

function conflict(metric: Registrable, owner: Registrable, name: string): ConflictError {
  if (metric.name === owner.name) {
    return new ConflictError(
      `A metric with the name ${name} has already been registered. Registered: ${describe(owner)}. New: ` +
        `${describe(metric)}. Use the one that exists (registry.getOrCreate), or another name or registry.`,
    );
  }
  return new ConflictError(
    `${describe(metric)} cannot be registered next to ${describe(owner)}: both would write samples called "${name}". Rename one.`,
  );
}

/** Returns the names that no other family of the page may use, with underscores for other characters. */
export function namesOnPage(family: FamilySource): readonly string[] {
  const { name } = family;
  const names = [legacyMetricName(name)];
  if (family.kind === 'snapshot') {
    for (const sample of family.sampleNames) names.push(legacyMetricName(sample));
    return names;
  }
  // Lines of the same name are adjacent.
  let last = '';
  for (const { suffix } of family.shape) {
    // Suffixes need no replacement, so only an unusual name does.
    if (suffix !== last) names.push(names[0] === name ? name + suffix : legacyMetricName(name + suffix));
    last = suffix;
  }
  return names;
}

function legacyMetricName(name: string): string {
  return isLegacyMetricName(name) ? name : name.replace(/[^a-zA-Z0-9_:]/gu, '_').replace(/^[0-9]/, '_');
}

/** Whether a value is a metric with a `get()` but no name. */
export function isNameless(metric: unknown): metric is NamelessMetric {
  if (typeof metric !== 'object' || metric === null) return false;
  const { kind, name, get } = metric as { readonly kind?: unknown; readonly name?: unknown; readonly get?: unknown };
  return kind === undefined && name === undefined && typeof get === 'function';
}

/** Any metric of prom-client's four types, under prom-client's name. */
export type Metric<L extends LabelSpec = string> = Counter<L> | Gauge<L> | Histogram<L> | Summary<L>;

/** Any metric that can be registered. prom-client's types do not declare the name of its metrics. */
export type MetricLike = Registrable | Pick<ForeignMetric, 'get'>;

/** Returns promark's metrics unchanged and adapts those of other libraries. Throws ConfigError for anything else. */
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
    if (typeof name === 'string' && typeof get === 'function') return adapt(metric as ForeignMetric);
  }
  throw new ConfigError(
    'A registry takes metrics: those of promark, and objects with a name and a get(), such as those of prom-client; ' +
      `got ${show(metric)}. For values that are kept elsewhere, use registry.registerCollector().`,
  );
}

/** The metrics of other libraries, by their adapters. */
const originals = new WeakMap<Registrable, ForeignMetric>();

function adapt(original: ForeignMetric): Registrable {
  const adapted = adaptMetric(original);
  originals.set(adapted, original);
  return adapted;
}

/** Returns the metric that was registered: for an adapter, the other library's object. */
export function originalOf(metric: Registrable): Registrable | ForeignMetric {
  return originals.get(metric) ?? metric;
}
