import { setTimeout as pause } from 'node:timers/promises';
import { Counted, Counter, Histogram, Timed } from 'promark';

const rows = new Counter({ name: 'import_rows_total', help: 'Rows that were imported', labelNames: ['kind'] });
const rowSeconds = new Histogram({
  name: 'import_row_seconds',
  help: 'Time to import a row',
  buckets: [0.001, 0.01, 0.1],
});

const KINDS = ['order', 'customer', 'parcel'];

/** Stands for whatever a job of yours does. */
export class RowImport {
  constructor(private readonly failAt: number) {}

  @Counted({ name: 'import_runs_total', help: 'Runs of the import' })
  async run(count: number): Promise<void> {
    for (let row = 0; row < count; row++) {
      await this.take(row);
      rows.inc({ kind: KINDS[row % KINDS.length] });
    }
  }

  @Timed(rowSeconds)
  private async take(row: number): Promise<void> {
    if (row === this.failAt) throw new Error(`row ${row} is broken`);
    await pause(1);
  }
}
