import type { Exemplar } from '../../model/exemplar.js';

/** Exemplars may come with every observation, and a page shows the last: so often they are written down at most. */
const INTERVAL_MS = 1000;

type WriteExemplar = (family: number, row: number, line: number, exemplar: Exemplar) => void;

/** The newest exemplars that are not in the journal yet. */
export class PendingExemplars {
  private readonly families = new Map<number, Map<number, Map<number, Exemplar>>>();
  private flushed = 0;

  constructor(private readonly write: WriteExemplar) {}

  put(family: number, row: number, line: number, exemplar: Exemplar): void {
    const rows = getOr(this.families, family, () => new Map<number, Map<number, Exemplar>>());
    getOr(rows, row, () => new Map<number, Exemplar>()).set(line, exemplar);
    // The thread may be too busy to do it later. An exemplar has looked at the clock.
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
