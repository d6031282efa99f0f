import type { Exemplar } from '../../model/exemplar.js';
import type { FamilyLog } from '../../store/family-log.js';
import type { MemoryTransfer } from '../memory-transfer.js';
import { FamilyRecords, type Records } from './family-records.js';
import { type Fill, Generation } from './generation.js';
import { PendingExemplars } from './pending-exemplars.js';

/**
 * A journal in shared memory. Whoever listens is handed every piece of memory before anything in the journal points to
 * it. Messages are sent at once, so this holds while the thread is too busy to do anything else.
 */
export class SharedJournal implements Records {
  private readonly listeners = new Set<(handed: MemoryTransfer) => void>();
  private count = 0;
  private families = 0;
  /** The one that is read and, while everything is written anew, the one that is to take its place. */
  private generations: readonly Generation[] = [this.begin()];
  private readonly pending = new PendingExemplars((family, row, line, exemplar) => {
    new FamilyRecords(this, family).exemplar(row, line, exemplar);
  });

  /** Lets a reader have all memory, that which comes later too. Returns how to end that. */
  listen(listener: (handed: MemoryTransfer) => void): () => void {
    for (const { handed } of this.generations) handed.forEach(listener);
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** A number for one more family. */
  number(): number {
    this.families += 1;
    return this.families;
  }

  /** Where it is told what happens to a family. */
  log(family: number): FamilyLog {
    return new LiveRecords(this, family, this.pending);
  }

  /** Writes to every generation that has met the family. */
  write(kind: number, family: number, fill: Fill): void {
    for (const generation of this.generations) generation.write(kind, family, fill);
  }

  /** Writes down the exemplars that wait for it. */
  flush(): void {
    this.pending.flush();
  }

  /** A family has left for good. */
  forget(family: number): void {
    for (const generation of this.generations) generation.forget(family);
  }

  /** The generation that is read. */
  get current(): Generation {
    return this.generations[0];
  }

  /** Bytes of all records. */
  get length(): number {
    return this.current.length;
  }

  /** Whether it is worth writing anew, which is not being done. */
  get isStale(): boolean {
    return this.generations.length === 1 && this.current.isStale;
  }

  /**
   * Begins a generation in place of the one that is read; `describe` writes down everything that there is, step by step.
   * What happens meanwhile goes to both, and readers stay with the old one until the new one is whole. Families keep their
   * numbers. What breaks off leaves everything as it was.
   */
  *rewrite(describe: (next: Generation) => Iterable<void>): Generator<void> {
    const old = this.current;
    const next = this.begin();
    this.generations = [old, next];
    let whole = false;
    try {
      yield* describe(next);
      whole = true;
    } finally {
      this.generations = [whole ? next : old];
      // A reader that is sent on from one that was given up comes to the one after it.
      (whole ? old : next).retire();
    }
  }

  private begin(): Generation {
    this.count += 1;
    return new Generation(this.count, (handed) => {
      for (const listener of this.listeners) listener(handed);
    });
  }
}

/** What happens to a family while it is on the page. Exemplars may come with every observation: they are put off. */
class LiveRecords extends FamilyRecords {
  constructor(
    journal: SharedJournal,
    private readonly number: number,
    private readonly pending: PendingExemplars,
  ) {
    super(journal, number);
  }

  override exemplar(row: number, line: number, exemplar: Exemplar): void {
    this.pending.put(this.number, row, line, exemplar);
  }

  override forgetExemplars(row: number): void {
    this.pending.drop(this.number, row);
    super.forgetExemplars(row);
  }

  override removed(row: number): void {
    this.pending.drop(this.number, row);
    super.removed(row);
  }
}
