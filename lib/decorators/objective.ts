import type { Objective } from '../metrics/method-registrations.js';
import { ConfigError, show } from '../model/errors.js';

/** Checks what a method promises, against the family that it is judged by. Throws ConfigError. */
export function checkObjective(where: string, given: unknown, family: object | undefined): Objective | undefined {
  if (given === undefined) return undefined;
  if (typeof given !== 'object' || given === null) {
    throw new ConfigError(`${where}: an objective is an object such as { target: 0.99 }, not ${show(given)}.`);
  }
  const { target, latency } = given as Record<string, unknown>;
  if (typeof target !== 'number' || !(target > 0 && target < 1)) {
    throw new ConfigError(
      `${where}: the target of an objective lies between 0 and 1, such as 0.99; got ${show(target)}.`,
    );
  }
  if (latency === undefined) return { target };
  return { target, latency: checkLatency(where, latency, family) };
}

/** How many calls were in time is read off a bucket, so the latency has to be one. */
function checkLatency(where: string, latency: unknown, family: object | undefined): number {
  const { name, type, buckets } = family as {
    readonly name: string;
    readonly type: string;
    readonly buckets?: readonly number[];
  };
  if (buckets === undefined) {
    throw new ConfigError(
      `${where}: a latency needs a histogram, whose buckets count the calls in time; "${name}" is a ${type}.`,
    );
  }
  if (typeof latency !== 'number' || !buckets.includes(latency)) {
    throw new ConfigError(
      `${where}: the latency of the objective, ${show(latency)}, is no bucket of "${name}", which has ${buckets.join(', ')}. ` +
        'Choose one of these, or give the family a name and buckets of its own.',
    );
  }
  return latency;
}
