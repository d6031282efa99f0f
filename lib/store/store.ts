/** A run of cells that never moves: `cells[index]` up to `cells[index + count - 1]`. */
export interface Run {
  readonly cells: Float64Array;
  readonly index: number;
}

/**
 * Where numbers live. Whoever holds a run may add to its cells for life, so recording needs neither the store nor a
 * look-up.
 */
export interface Store {
  /** Hands out `count` cells, all 0. */
  allocate(count: number): Run;
  /** Takes back a run of `count` cells that nobody writes to or reads from any more. */
  release(run: Run, count: number): void;
  /**
   * The log that tells a reader in another thread or process what the cells mean; undefined where nobody else can
   * reach them.
   */
  readonly journal: Journal | undefined;
}

/** What a stranger needs to know to read the cells: written once a family, once a block and once a series. */
export interface Journal {
  /** Announces a family and gives it a number; `about` is plain data: name, type, help, label names, bucket bounds. */
  family(about: Readonly<Record<string, unknown>>): number;
  /** Says where rows `firstRow` and following of a family lie. */
  block(family: number, firstRow: number, rows: number, run: Run): void;
  series(family: number, row: number, labelValues: readonly string[], createdAt: number): void;
  removed(family: number, row: number): void;
}
