import { ConfigError, show } from '../model/errors.js';
import type { Objective } from '../model/method-registrations.js';
import { checkOptions, rule } from '../model/options.js';

/** Checks an objective against the family from which it is computed. Throws ConfigError. */
export function checkObjective(where: string, objective: unknown, family: object): Objective | undefined {
  if (objective === undefined) return undefined;
  if (typeof objective !== 'object' || objective === null) {
    throw new ConfigError(`${where}: objective must be an object such as { target: 0.99 }, got ${show(objective)}.`);
  }
  checkOptions<Objective>(`${where}: objective`, objective, { target: rule.any, latency: rule.any });
  const { target, latency } = objective as { readonly target: unknown; readonly latency?: unknown };
  if (typeof target !== 'number' || !(target > 0 && target < 1)) {
    throw new ConfigError(`${where}: objective.target must be between 0 and 1, such as 0.99, got ${show(target)}.`);
  }
  if (latency === undefined) return { target };
  return { target, latency: checkLatency(where, latency, family) };
}

/**
 * Calls in time are counted by a bucket, so the latency must be a bucket's bound. If there are only native buckets, it
 * may be any, because Prometheus interpolates between them.
 */
function checkLatency(where: string, latency: unknown, family: object): number {
  const { name, type, buckets } = family as {
    readonly name: string;
    readonly type: string;
    readonly buckets?: readonly number[];
  };
  if (buckets === undefined) {
    throw new ConfigError(
      `${where}: objective.latency requires a histogram, whose buckets count the calls in time, but "${name}" is a ${type}.`,
    );
  }
  if (buckets.length === 0) {
    if (typeof latency === 'number' && latency > 0 && Number.isFinite(latency)) return latency;
    throw new ConfigError(`${where}: objective.latency must be a positive number of seconds, got ${show(latency)}.`);
  }
  if (typeof latency !== 'number' || !buckets.includes(latency)) {
    throw new ConfigError(
      `${where}: objective.latency must be a bucket of "${name}" (${buckets.join(', ')}), got ${show(latency)}. ` +
        'Choose one of these, or give the decorator a name and buckets of its own.',
    );
  }
  return latency;
}
