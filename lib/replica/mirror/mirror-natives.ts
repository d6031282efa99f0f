import { addBuckets, EPOCH, POSITIVE, readHead } from '../../metrics/native/native-cells.js';
import { Pages } from '../../metrics/sketch/pages.js';
import type { CellLayout } from '../../model/descriptor.js';
import type { NativeReading } from '../../model/native-histogram.js';
import type { CellRange, Store } from '../../store/store.js';

type NativeAbout = NonNullable<Extract<CellLayout, { kind: 'buckets' }>['native']>;

/** While the other thread halves the resolution its pages change; so often they are read again. */
const ATTEMPTS = 8;

/** The pages of one epoch, by their numbers. */
type Epoch = readonly [positive: Map<number, CellRange>, negative: Map<number, CellRange>];

/** The exponential buckets of a histogram's series, put together from the cells that the journal speaks of. */
export class MirrorNatives {
  private readonly rows = new Map<number, Map<number, Epoch>>();

  constructor(
    private readonly about: NativeAbout,
    /** Where in a row the head of the exponential buckets is. */
    private readonly head: number,
  ) {}

  read(row: number, cells: Float64Array, index: number, into: NativeReading): void {
    const head = index + this.head;
    into.sum = cells[head - 1];
    for (let attempt = 1; ; attempt++) {
      const epoch = cells[head + EPOCH];
      readHead(cells, head, this.about, into);
      const pages = this.rows.get(row)?.get(epoch);
      if (pages !== undefined) addBuckets(pagesOf(pages[0], into.schema), pagesOf(pages[1], into.schema), into);
      if (cells[head + EPOCH] === epoch || attempt >= ATTEMPTS) return;
    }
  }

  /** What a series reads as that has just begun. */
  blank(into: NativeReading): void {
    into.reset();
    into.schema = this.about.schema;
    into.zeroThreshold = this.about.zeroThreshold;
  }

  /** The key is epoch, sign and number. */
  part(row: number, [epoch, sign, number]: readonly number[], page: CellRange): void {
    const epochs = this.rows.get(row) ?? new Map<number, Epoch>();
    this.rows.set(row, epochs);
    const pages: Epoch = epochs.get(epoch) ?? [new Map(), new Map()];
    epochs.set(epoch, pages);
    pages[sign === POSITIVE ? 0 : 1].set(number, page);
    // The epoch before may still be the one in use.
    for (const old of epochs.keys()) if (old < epoch - 1) epochs.delete(old);
  }

  drop(row: number): void {
    this.rows.delete(row);
  }
}

function pagesOf(runs: ReadonlyMap<number, CellRange>, schema: number): Pages {
  const pages = new Pages(nowhere, schema);
  for (const [number, run] of runs) pages.put(number, run);
  return pages;
}

/** Readers make no cells. */
const nowhere: Store = {
  allocate: (count) => ({ cells: new Float64Array(count), index: 0 }),
  release() {},
};
