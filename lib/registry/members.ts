import type { Registrable } from '../metrics/metric-registry.js';
import { describeNative } from '../metrics/native/native-options.js';
import { ConflictError } from '../model/errors.js';
import { TYPE_RULES } from '../model/family-types.js';
import type { FamilySource } from '../model/live-family.js';
import { isLegacyMetricName } from '../model/names.js';
import { type ForeignMetric, type MetricLike, originalOf, toRegistrable } from './adapted-metric.js';

/** The metrics of a registry, in the order in which they were registered. */
export class Members {
  private readonly inOrder: Registrable[] = [];
  private readonly claims = new Claims();

  /**
   * Adds a metric and returns it as the registry keeps it; undefined if it was there before, which changes nothing.
   * Throws ConflictError, naming both, if another one has its names, and ConfigError for anything that is not a metric.
   */
  add(given: MetricLike): Registrable | undefined {
    if (this.keptAs(given) !== undefined) return undefined;
    const metric = toRegistrable(given);
    this.claims.take(metric);
    this.inOrder.push(metric);
    return metric;
  }

  /** A registered metric as the registry keeps it. */
  keptAs(given: MetricLike): Registrable | undefined {
    const known = this.get((given as Partial<ForeignMetric> | undefined)?.name ?? '');
    return known !== undefined && originalOf(known) === given ? known : undefined;
  }

  get(name: string): Registrable | undefined {
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

  /** Whether a family of this name could be shown next to the metrics. */
  hasRoomFor(name: string): boolean {
    return this.claims.ownerOf(name) === undefined;
  }
}

/** Throws ConflictError, naming both, unless the two have the same type, labels, buckets and unit. */
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
 * Which family uses which names on the page. Two families may not write samples of one name: Prometheus would drop
 * one or refuse the page. Names are compared as an old scraper sees them, so `a.b` and `a_b` are one.
 */
class Claims {
  private readonly owners = new Map<string, Registrable>();

  /** Takes the names for a family. Throws ConflictError, naming both, where another one has one of them. */
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

  /** The family that may have samples of this name. */
  ownerOf(name: string): Registrable | undefined {
    return this.owners.get(seen(name));
  }

  clear(): void {
    this.owners.clear();
  }
}

/** A family in words, for messages: `counter "x" with the labels a, b and the buckets 1.0, +Inf`. */
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

/** The names that no other family of the page may use, as an old scraper sees them. */
export function namesOnPage(family: FamilySource): readonly string[] {
  const { name } = family;
  const names = [seen(name)];
  if (family.kind === 'snapshot') {
    for (const sample of family.sampleNames) names.push(seen(sample));
    return names;
  }
  // Lines of the same name follow one another.
  let last = '';
  for (const { suffix } of family.shape) {
    // Suffixes are plain, so they need no look where the name is.
    if (suffix !== last) names.push(names[0] === name ? name + suffix : seen(name + suffix));
    last = suffix;
  }
  return names;
}

function seen(name: string): string {
  return isLegacyMetricName(name) ? name : name.replace(/[^a-zA-Z0-9_:]/gu, '_').replace(/^[0-9]/, '_');
}
