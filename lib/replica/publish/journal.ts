import type { Exemplar } from '../../model/exemplar.js';
import { turn } from '../../model/turn.js';
import type { FamilyLog } from '../../store/row-changes.js';
import { FamilyRecords, type Fill, Generation, type JournalMemory, type Records } from './generation.js';

/** Allocates the memory of a journal's generations, for other threads or in files. */
export interface GenerationMemory {
  begin(generation: number): JournalMemory;
  /** Readers that attach later no longer need this generation. */
  end(generation: number): void;
}

/**
 * A journal of all changes to families, written to the current generation and to the one that may be about to replace
 * it.
 */
export class Journal implements Records {
  private count = 0;
  private families = 0;
  private generations: readonly Generation[];
  /**
   * Called before the journal lacks something that pages show: an exemplar that is written later, a value that has to be
   * refreshed, or a record for which there is no memory.
   */
  onIncomplete: () => void = () => {};
  private readonly pending = new PendingExemplars((family, row, line, exemplar) => {
    new FamilyRecords(this, family).exemplar(row, line, exemplar);
  });

  constructor(private readonly memory: GenerationMemory) {
    this.generations = [this.begin()];
  }

  /** Returns a number for a new family. */
  number(): number {
    this.families += 1;
    return this.families;
  }

  /** Returns the log that records the changes of a family. */
  log(family: number): FamilyLog {
    return new LiveRecords(this, family, this.pending);
  }

  /** Writes to every generation that admits the family. */
  write(kind: number, family: number, fill: Fill, again = false, rows = 1): void {
    for (const generation of this.generations) generation.write(kind, family, fill, again, rows);
    if (this.isBroken) this.onIncomplete();
  }

  /** Makes everything written so far visible to readers. */
  commit(): void {
    for (const generation of this.generations) generation.commit();
  }

  /** Ends the turn for readers: writes what was deferred and makes it visible. */
  flush(): void {
    this.pending.flush();
    turn.end();
  }

  /** Removes a family permanently. */
  forget(family: number): void {
    for (const generation of this.generations) generation.forget(family);
  }

  /** The generation being read. */
  get current(): Generation {
    return this.generations[0];
  }

  /** Total size of all records, in bytes. */
  get length(): number {
    return this.current.length;
  }

  /** Whether records are missing because no memory could be allocated for them. */
  get isBroken(): boolean {
    return this.current.isBroken;
  }

  /** Whether the journal is worth rewriting and no rewrite is in progress. */
  get isStale(): boolean {
    return this.generations.length === 1 && this.current.isStale;
  }

  /**
   * Rewrites the journal: `describe` writes the complete state to a new generation, step by step. Meanwhile, changes go
   * to both generations, and readers stay on the old one until the new one is complete. Families keep their numbers. If
   * the rewrite is interrupted, the old generation stays in use.
   */
  *rewrite(describe: (next: Generation) => Iterable<void>): Generator<void> {
    const old = this.current;
    const next = this.begin();
    this.generations = [old, next];
    let whole = false;
    try {
      yield* describe(next);
      whole = !next.isBroken;
    } finally {
      this.generations = [whole ? next : old];
      // A reader redirected from an abandoned generation reaches the one after it.
      const retired = whole ? old : next;
      this.commit();
      this.memory.end(retired.number);
      retired.retire();
    }
  }

  private begin(): Generation {
    this.count += 1;
    return new Generation(this.count, this.memory.begin(this.count));
  }
}

/** The changes of a family that is on the page. Exemplars are deferred, since they may come with every observation. */
class LiveRecords extends FamilyRecords {
  constructor(
    private readonly journal: Journal,
    family: number,
    private readonly pending: PendingExemplars,
  ) {
    super(journal, family);
  }

  override exemplar(row: number, line: number, exemplar: Exemplar): void {
    this.journal.onIncomplete();
    this.pending.put(this.family, row, line, exemplar);
  }

  override refreshing(): void {
    this.journal.onIncomplete();
  }

  override forgetExemplars(row: number): void {
    this.pending.drop(this.family, row);
    super.forgetExemplars(row);
  }

  override series(row: number, createdAt: number, labelValues: readonly string[], again = false): void {
    this.pending.drop(this.family, row);
    super.series(row, createdAt, labelValues, again);
  }

  override removed(row: number, again = false): void {
    this.pending.drop(this.family, row);
    super.removed(row, again);
  }
}

/**
 * Minimum interval between writes of exemplars, which may come with every observation while a page only shows the last.
 */
const INTERVAL_MS = 1000;

/** The newest exemplars that are not in the journal yet. */
class PendingExemplars {
  private readonly families = new Map<number, Map<number, Map<number, Exemplar>>>();
  private flushed = 0;

  constructor(private readonly write: (family: number, row: number, line: number, exemplar: Exemplar) => void) {}

  put(family: number, row: number, line: number, exemplar: Exemplar): void {
    const rows = getOr(this.families, family, () => new Map<number, Map<number, Exemplar>>());
    getOr(rows, row, () => new Map<number, Exemplar>()).set(line, exemplar);
    // The thread may be too busy to do this later. The timestamp of the exemplar saves reading the clock.
    const { timestamp = this.flushed } = exemplar;
    if (Math.abs(timestamp - this.flushed) >= INTERVAL_MS) {
      this.flushed = timestamp;
      this.flush();
    }
  }

  drop(family: number, row: number): void {
    this.families.get(family)?.delete(row);
  }

  flush(): void {
    for (const [family, rows] of this.families) {
      for (const [row, lines] of rows) for (const [line, exemplar] of lines) this.write(family, row, line, exemplar);
    }
    this.families.clear();
  }
}

function getOr<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
