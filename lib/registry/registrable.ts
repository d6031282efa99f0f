import type { Registrable } from '../metrics/metric-registry.js';
import { ConfigError, show } from '../model/errors.js';
import { adaptMetric, type ForeignMetric, type NamelessMetric } from './adapted-metric.js';

/** Whether a value is a metric with a `get()` but no name. */
export function isNameless(metric: unknown): metric is NamelessMetric {
  if (typeof metric !== 'object' || metric === null) return false;
  const { kind, name, get } = metric as { readonly kind?: unknown; readonly name?: unknown; readonly get?: unknown };
  return kind === undefined && name === undefined && typeof get === 'function';
}

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
