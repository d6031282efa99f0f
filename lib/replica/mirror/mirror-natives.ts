import { EPOCH, NativeLayout, type NativePages, POSITIVE } from '../../metrics/layout/native.js';
import { Pages } from '../../metrics/sketch/pages.js';
import type { CellLayout } from '../../model/descriptor.js';
import type { NativeReading } from '../../model/native-histogram.js';
import type { CellRange, Store } from '../../store/store.js';

type NativeDescriptor = NonNullable<Extract<CellLayout, { kind: 'buckets' }>['native']>;

/** Maximum number of reads while the other thread halves the resolution, which changes its pages. */
const ATTEMPTS = 8;

/** The pages of one epoch, by number. */
type Epoch = readonly [positive: Map<number, CellRange>, negative: Map<number, CellRange>];

/** The exponential buckets of a histogram's series, assembled from the cells that the journal describes. */
export class MirrorNatives {
  private readonly layout: NativeLayout;
  private readonly rows = new Map<number, Map<number, Epoch>>();

  constructor(
    native: NativeDescriptor,
    /** Index within a row of the head of the exponential buckets. */
    private readonly head: number,
  ) {
    this.layout = new NativeLayout(native);
  }

  read(row: number, cells: Float64Array, index: number, into: NativeReading): void {
    const head = index + this.head;
    into.sum = cells[head - 1];
    for (let attempt = 1; ; attempt++) {
      const epoch = cells[head + EPOCH];
      const pages = this.rows.get(row)?.get(epoch);
      this.layout.read(cells, head, pages && pagesOf(pages, this.layout.schemaOf(cells, head)), into);
      if (cells[head + EPOCH] === epoch || attempt >= ATTEMPTS) return;
    }
  }

  /** Reads a series that has just started. */
  blank(into: NativeReading): void {
    this.layout.blank(into);
  }

  /** Adds a page. Its key is epoch, sign and number. */
  part(row: number, [epoch, sign, number]: readonly number[], page: CellRange): void {
    const epochs = this.rows.get(row) ?? new Map<number, Epoch>();
    this.rows.set(row, epochs);
    const pages: Epoch = epochs.get(epoch) ?? [new Map(), new Map()];
    epochs.set(epoch, pages);
    pages[sign === POSITIVE ? 0 : 1].set(number, page);
    // The previous epoch may still be in use.
    for (const old of epochs.keys()) if (old < epoch - 1) epochs.delete(old);
  }

  drop(row: number): void {
    this.rows.delete(row);
  }
}

function pagesOf([positive, negative]: Epoch, schema: number): NativePages {
  return { positive: adopted(positive, schema), negative: adopted(negative, schema) };
}

function adopted(ranges: ReadonlyMap<number, CellRange>, schema: number): Pages {
  const pages = new Pages(noStore, schema);
  for (const [number, range] of ranges) pages.put(number, range);
  return pages;
}

/** Readers never allocate cells. */
const noStore: Store = {
  allocate: (count) => ({ cells: new Float64Array(count), index: 0 }),
  release() {},
};
