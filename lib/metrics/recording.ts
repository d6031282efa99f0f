import { refuseBareUse } from '../calls/dialect.js';
import { ConfigError, show } from '../model/errors.js';
import type { Faults } from '../model/faults.js';
import { type ExemplarLabels, exemplarOnEntry } from './exemplars.js';

/** Node's `util.inspect.custom`: the method with this key returns what `console.log` prints. */
export const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** What children and decorators need from a metric. */
export interface Recording {
  /** The metric's name, for messages. */
  readonly name: string;
  readonly faults: Faults | undefined;
  readonly enableExemplars?: boolean;
}

/** Returns the exemplar of the trace that is active when a measurement begins. */
export function activeExemplar({ name, faults, enableExemplars }: Recording): ExemplarLabels | undefined {
  return exemplarOnEntry(enableExemplars, (error) => faults?.instrumentation(`exemplar of ${name}`, error));
}

/**
 * Throws ConfigError for a body that is not a function, and if a metric's method was itself used as a decorator,
 * `@seconds.time m() {}`, which calls it with the method as the body and, in the legacy dialect, without `this`.
 */
export function checkBody(
  metric: { readonly name: string } | undefined,
  method: string,
  body: unknown,
  more?: unknown,
): void {
  // Decorators are called with a second argument; callers rarely pass one.
  if (more !== undefined) refuseBareUse(`${metric?.name ?? 'metric'}.${method}`, [body, more]);
  if (body === undefined || typeof body === 'function') return;
  throw new ConfigError(`Metric "${metric?.name}": ${method}() takes a function, got ${show(body)}.`);
}
