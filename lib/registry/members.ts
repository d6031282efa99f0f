import type { Registrable } from '../metrics/metric-registry.js';
import { ConfigError, ConflictError, show } from '../model/errors.js';
import { Claims, describe } from './claims.js';

/** The families of a registry, in the order in which they came. */
export class Members {
  private readonly byName = new Map<string, Registrable>();
  private readonly claims = new Claims();

  /** Takes a family in; false for one that is in already, which changes nothing. Throws ConflictError, naming both. */
  add(metric: Registrable): boolean {
    if (typeof metric !== 'object' || metric === null || typeof metric.name !== 'string') {
      throw new ConfigError(`A registry takes metrics, not ${show(metric)}.`);
    }
    if (this.byName.get(metric.name) === metric) return false;
    this.claims.take(metric);
    this.byName.set(metric.name, metric);
    return true;
  }

  get(name: string): Registrable | undefined {
    return this.byName.get(name);
  }

  remove(name: string): void {
    const metric = this.byName.get(name);
    if (metric === undefined) return;
    this.claims.release(metric);
    this.byName.delete(name);
  }

  clear(): void {
    this.byName.clear();
    this.claims.clear();
  }

  all(): Registrable[] {
    return [...this.byName.values()];
  }

  /** Whether a family that is not from here could be shown beside those that are. */
  hasRoomFor(name: string): boolean {
    return !this.claims.has(name);
  }
}

/** Refuses to take one family for another. Throws ConflictError, naming both. */
export function checkSame(existing: Registrable, wanted: Registrable): void {
  if (describe(existing) === describe(wanted) && (existing.unit ?? '') === wanted.unit) return;
  throw new ConflictError(
    `${describe(wanted)} is asked for, but there is ${describe(existing)}. ` +
      'Make type, labels and buckets the same, or choose another name or registry.',
  );
}
