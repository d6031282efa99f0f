import { Kind } from '../journal-format.js';
import type { RecordReader } from './record-log-reader.js';

/** What a mirror knows from the records that were applied so far. */
export interface KnownState {
  /** Whether a snapshot, in JSON, has fewer samples than the one before. */
  losesSamples(family: number, snapshot: string): boolean;
  /** Whether the values of any row are those from before it changes. The change may take several turns. */
  hasKept(family: number): boolean;
  /** Whether a row has a value, which a gauge has only once it is set. */
  hasValue(family: number, row: number): boolean;
}

/** Records that neither remove nor replace a series. */
const ALWAYS: ReadonlySet<number> = new Set([Kind.FAMILY, Kind.BLOCK, Kind.METHOD, Kind.SETTINGS]);

/**
 * Decides which records of an unfinished turn are applied immediately: those that add families and series, whose values
 * do not wait for the end of the turn either. Removals and restarts wait, with everything that depends on them, so that
 * readers see a reset and the values set after it all at once.
 */
export class UnfinishedTurn {
  /** For each family in which a series was removed or restarted, the rows whose records wait. */
  private readonly changing = new Map<number, Set<number>>();
  /** Whether a family was removed, which another one may replace. */
  private isHiding = false;

  /** Positions of records that are applied once a value is set. */
  unset: number[] = [];

  clear(): void {
    this.changing.clear();
    this.unset = [];
    this.isHiding = false;
  }

  /** Whether a record is applied immediately. Called for each record, in order. */
  isImmediate(record: RecordReader, known: KnownState): boolean {
    const kind = record.int();
    const number = record.int();
    if (ALWAYS.has(kind)) return true;
    if (kind === Kind.SNAPSHOT) return !known.losesSamples(number, record.string());
    if (kind === Kind.SHOWN) return !this.isHiding;
    if (kind === Kind.HIDDEN) {
      this.isHiding = true;
      return false;
    }
    const row = record.int();
    const waiting = this.changing.get(number);
    if (kind === Kind.PART || kind === Kind.EXEMPLAR) return waiting?.has(row) !== true;
    if (kind === Kind.SERIES && waiting === undefined && !known.hasKept(number)) {
      if (known.hasValue(number, row)) return true;
      this.unset.push(record.position);
      return false;
    }
    const rows = kind === Kind.RUN ? record.int() : 1;
    // Each of them has a value.
    if (kind === Kind.RUN && waiting === undefined && !known.hasKept(number)) return true;
    const changing = waiting ?? new Set();
    for (let i = 0; i < rows; i++) changing.add(row + i);
    this.changing.set(number, changing);
    return false;
  }
}
