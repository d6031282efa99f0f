import type { Family } from './families.js';

/**
 * Remembers what was worked out for some rows of a family at a time. The past does not change, so that of a chart with 300
 * points only one is new with each sample. When series come or go, everything is worked out anew.
 */
export class Memo<T> {
  private readonly known = new WeakMap<
    readonly number[],
    { readonly version: number; readonly values: WeakMap<object, T> }
  >();

  /**
   * @param rows The same array as long as the same rows are meant.
   * @param at The place of the time; nothing is remembered of a time from before the family was there.
   */
  at(family: Family, rows: readonly number[], at: number, make: () => T): T {
    const past = family.history[at];
    if (past === undefined) return make();
    let mine = this.known.get(rows);
    if (mine === undefined || mine.version !== family.version) {
      mine = { version: family.version, values: new WeakMap() };
      this.known.set(rows, mine);
    }
    let value = mine.values.get(past);
    if (value === undefined) {
      value = make();
      mine.values.set(past, value);
    }
    return value;
  }
}

/** Remembers what depends on the series of a family alone. */
export class SeriesMemo<T> {
  private readonly known = new WeakMap<
    Family,
    { readonly version: number; readonly key: unknown; readonly value: T }
  >();

  /** @param key What else it depends on, compared by identity. */
  of(family: Family, key: unknown, make: () => T): T {
    const mine = this.known.get(family);
    if (mine !== undefined && mine.version === family.version && mine.key === key) return mine.value;
    const value = make();
    this.known.set(family, { version: family.version, key, value });
    return value;
  }
}
