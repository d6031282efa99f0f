import { refuseBareUse } from '../calls/dialect.js';
import { ConfigError, show } from '../model/errors.js';
import type { Faults } from '../model/faults.js';
import { type ExemplarLabels, exemplarOnEntry } from './exemplars.js';

/** What records: a metric, as far as its children and decorators know it. */
export interface Recording {
  /** The metric's name, for messages. */
  readonly name: string;
  readonly faults: Faults | undefined;
  readonly enableExemplars?: boolean;
}

/** The exemplar of the trace that is active as a measurement for a family begins. */
export function activeExemplar({ name, faults, enableExemplars }: Recording): ExemplarLabels | undefined {
  return exemplarOnEntry(enableExemplars, (error) => faults?.instrumentation(`exemplar of ${name}`, error));
}

/**
 * Throws ConfigError for a body that is not a function, and if a metric's method was itself used as a decorator,
 * `@seconds.time m() {}`: the methods that make decorators also run functions. In the legacy dialect, they are then called
 * without the metric.
 */
export function checkBody(
  metric: { readonly name: string } | undefined,
  method: string,
  body: unknown,
  more?: unknown,
): void {
  // Decorators are given a second argument; functions that are run seldom come with one.
  if (more !== undefined) refuseBareUse(`${metric?.name ?? 'metric'}.${method}`, [body, more]);
  if (body === undefined || typeof body === 'function') return;
  throw new ConfigError(`Metric "${metric?.name}": ${method}() takes a function, got ${show(body)}.`);
}
