import type { Registrable } from '../metrics/metric-registry.js';
import { describeNative, type NativePlan } from '../metrics/native/options.js';
import { ConflictError } from '../model/errors.js';
import { isLegacyMetricName } from '../model/names.js';

/**
 * Which family uses which names on the page. Two families may not write samples of one name: Prometheus would drop
 * one or refuse the page. Names are compared as an old scraper sees them, so `a.b` and `a_b` are one.
 */
export class Claims {
  private readonly owners = new Map<string, Registrable>();

  /** Takes the names for a family. Throws ConflictError, naming both, where another one has one of them. */
  take(metric: Registrable): void {
    const names = namesOf(metric);
    for (const name of names) {
      const owner = this.owners.get(name);
      if (owner !== undefined) throw conflict(metric, owner, name);
    }
    for (const name of names) this.owners.set(name, metric);
  }

  release(metric: Registrable): void {
    for (const name of namesOf(metric)) if (this.owners.get(name) === metric) this.owners.delete(name);
  }

  has(name: string): boolean {
    return this.owners.has(seen(name));
  }

  clear(): void {
    this.owners.clear();
  }
}

/** A family in words, for messages: `counter "x" with the labels a, b and the buckets 1.0, +Inf`. */
export function describe(metric: Registrable): string {
  const { type, name, labelNames } = metric;
  const labels = labelNames.length === 0 ? 'no labels' : `the labels ${labelNames.join(', ')}`;
  const own = 'shape' in metric ? metric.shape.flatMap(({ label }) => (label === undefined ? [] : [label[1]])) : [];
  const what = { histogram: 'buckets', summary: 'quantiles', stateset: 'states' }[type as string];
  const lines = own.length > 0 && what !== undefined ? ` and the ${what} ${own.join(', ')}` : '';
  const native = 'native' in metric ? (metric.native as NativePlan | undefined) : undefined;
  return `${type} "${name}" with ${labels}${lines}${native === undefined ? '' : ` and ${describeNative(native)}`}`;
}

function conflict(metric: Registrable, owner: Registrable, name: string): ConflictError {
  if (metric.name === owner.name) {
    return new ConflictError(
      `A metric with the name ${name} has already been registered: there is ${describe(owner)}, and now comes ` +
        `${describe(metric)}. Use the one that exists (registry.getOrCreate), or another name or registry.`,
    );
  }
  return new ConflictError(
    `${describe(metric)} cannot be registered beside ${describe(owner)}: both would write samples called "${name}". Rename one.`,
  );
}

function namesOf(metric: Registrable): Set<string> {
  const suffixes = 'shape' in metric ? metric.shape.map(({ suffix }) => suffix) : ['_info'];
  return new Set(['', ...suffixes].map((suffix) => seen(metric.name + suffix)));
}

function seen(name: string): string {
  return isLegacyMetricName(name) ? name : name.replace(/[^a-zA-Z0-9_:]/gu, '_').replace(/^[0-9]/, '_');
}
