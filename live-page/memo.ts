import type { Family } from './families.js';

/**
 * Caches what was computed for some rows of a family at a time. The past does not change, so each sample adds one point to
 * a chart of 300. Adding or removing a series invalidates everything.
 */
export class Memo<T> {
  private readonly entries = new WeakMap<
    readonly number[],
    { readonly version: number; readonly values: WeakMap<object, T> }
  >();

  /**
   * @param rows Compared by identity: pass the same array for the same rows.
   * @param at The index of the time. Nothing is cached for times before the family was created.
   */
  at(family: Family, rows: readonly number[], at: number, compute: () => T): T {
    const past = family.history[at];
    if (past === undefined) return compute();
    let entry = this.entries.get(rows);
    if (entry === undefined || entry.version !== family.version) {
      entry = { version: family.version, values: new WeakMap() };
      this.entries.set(rows, entry);
    }
    let value = entry.values.get(past);
    if (value === undefined) {
      value = compute();
      entry.values.set(past, value);
    }
    return value;
  }
}

/** Caches one value per family until a series is added or removed. */
export class SeriesMemo<T> {
  private readonly entries = new WeakMap<
    Family,
    { readonly version: number; readonly key: unknown; readonly value: T }
  >();

  /** @param key Anything else that the value depends on, compared by identity. */
  of(family: Family, key: unknown, compute: () => T): T {
    const entry = this.entries.get(family);
    if (entry !== undefined && entry.version === family.version && entry.key === key) return entry.value;
    const value = compute();
    this.entries.set(family, { version: family.version, key, value });
    return value;
  }
}
