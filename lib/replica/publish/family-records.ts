import type { Exemplar } from '../../model/exemplar.js';
import type { FamilyLog } from '../../store/family-log.js';
import type { CellRange } from '../../store/store.js';
import { Kind } from '../layout.js';
import type { Fill } from './generation.js';

/** Where records go: one generation of a journal, or all that are written to. */
export interface Records {
  write(kind: number, family: number, fill: Fill): void;
}

/** What happens to one family, in records. */
export class FamilyRecords implements FamilyLog {
  constructor(
    private readonly records: Records,
    private readonly family: number,
  ) {}

  block(firstRow: number, rows: number, run: CellRange): void {
    this.write(Kind.BLOCK, (record, generation) => {
      record.int(firstRow).int(rows).int(generation.slabOf(run)).int(run.index);
    });
  }

  series(row: number, createdAt: number, labelValues: readonly string[]): void {
    this.write(Kind.SERIES, (record) => {
      record.int(row).float(createdAt);
      for (const value of labelValues) record.text(value);
    });
  }

  restarted(row: number, createdAt: number): void {
    this.write(Kind.RESTARTED, (record) => record.int(row).float(createdAt));
  }

  removed(row: number): void {
    this.write(Kind.REMOVED, (record) => record.int(row));
  }

  part(row: number, key: readonly number[], run: CellRange): void {
    this.write(Kind.PART, (record, generation) => {
      record.int(row).int(generation.slabOf(run)).int(run.index);
      for (const number of key) record.int(number);
    });
  }

  exemplar(row: number, line: number, exemplar: Exemplar): void {
    this.write(Kind.EXEMPLAR, (record) => record.int(row).int(line).text(JSON.stringify(exemplar)));
  }

  forgetExemplars(row: number): void {
    this.write(Kind.EXEMPLAR, (record) => record.int(row));
  }

  private write(kind: number, fill: Fill): void {
    this.records.write(kind, this.family, fill);
  }
}
