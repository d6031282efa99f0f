import type { CellRange, Store } from '../../store/store.js';

/** Called with the key and the count of a non-empty bucket. */
export type BucketVisitor = (key: number, count: number) => void;

/** Called with the number of a page and its cells. */
export type PageVisitor = (number: number, page: CellRange) => void;

/**
 * A page covers an octave, but has at least 8 and at most 32 cells: small pages cost objects, large ones empty cells.
 */
const MIN_LOG2 = 3;
const MAX_LOG2 = 5;

/**
 * Counters of buckets in pages of cells. A page is allocated when a value first falls on it, so only buckets near
 * actual values take memory.
 */
export class Pages {
  private readonly sizeLog2: number;
  /** The number of the first page. */
  private first = 0;
  // The two properties of each page's CellRange, in parallel arrays: fewer objects, and better locality.
  private arrays: (Float64Array | undefined)[] = [];
  private indexes: number[] = [];
  /** Called with every page that is allocated. */
  opened: PageVisitor | undefined;

  constructor(
    private readonly store: Store,
    schema: number,
  ) {
    this.sizeLog2 = Math.min(MAX_LOG2, Math.max(MIN_LOG2, schema));
  }

  /** Cells of a page. */
  get pageLength(): number {
    // Not `2 **`, whose results V8 keeps as doubles: all indexes of cells that depend on it would become doubles too.
    return 1 << this.sizeLog2;
  }

  /** Counts one value. Returns whether it is the first of its bucket. */
  add(key: number): boolean {
    const { arrays, sizeLog2 } = this;
    const number = key >> sizeLog2;
    const position = number - this.first;
    // V8 reads elements with a generic stub once an array was read at a negative index.
    const cells = position >= 0 && position < arrays.length ? arrays[position] : undefined;
    if (cells === undefined) return this.set(key, 1) === 0;
    const at = this.indexes[position] + key - (number << sizeLog2);
    const count = cells[at] + 1;
    cells[at] = count;
    return count === 1;
  }

  /** Sets a bucket. Returns its previous count. */
  set(key: number, count: number): number {
    const number = key >> this.sizeLog2;
    const { cells, index } = this.pageAt(number - this.first) ?? this.open(number);
    const at = index + key - (number << this.sizeLog2);
    const before = cells[at];
    cells[at] = count;
    return before;
  }

  /** Returns the count of a bucket. */
  get(key: number): number {
    const number = key >> this.sizeLog2;
    const page = this.pageAt(number - this.first);
    return page === undefined ? 0 : page.cells[page.index + key - (number << this.sizeLog2)];
  }

  /** Sets all counters to 0 and keeps their cells. */
  clear(): void {
    this.forEachPage((_, { cells, index }) => cells.fill(0, index, index + this.pageLength));
  }

  /** Releases all cells. */
  release(): void {
    this.forEachPage((_, page) => this.store.release(page, this.pageLength));
    this.arrays = [];
    this.indexes = [];
  }

  /** Visits the non-empty buckets in the order of their keys. */
  visit(visitor: BucketVisitor): void {
    const { arrays, indexes, first, sizeLog2, pageLength } = this;
    for (let i = 0; i < arrays.length; i++) {
      const cells = arrays[i];
      if (cells === undefined) continue;
      for (let j = 0; j < pageLength; j++) {
        const count = cells[indexes[i] + j];
        if (count > 0) visitor(((first + i) << sizeLog2) + j, count);
      }
    }
  }

  /** Visits all pages. */
  forEachPage(visitor: PageVisitor): void {
    for (let position = 0; position < this.arrays.length; position++) {
      const page = this.pageAt(position);
      if (page !== undefined) visitor(this.first + position, page);
    }
  }

  /** Adds a page: a new one or, for reading, one that another thread writes. */
  put(number: number, { cells, index }: CellRange): void {
    if (this.arrays.length === 0) this.first = number;
    // `concat` allocates no spare capacity, and pages are added rarely.
    const before = this.first - number;
    const after = number - this.first - this.arrays.length + 1;
    if (before > 0) {
      this.arrays = blanks<Float64Array | undefined>(before, undefined).concat(this.arrays);
      this.indexes = blanks(before, 0).concat(this.indexes);
      this.first = number;
    } else if (after > 0) {
      this.arrays = this.arrays.concat(blanks(after, undefined));
      this.indexes = this.indexes.concat(blanks(after, 0));
    }
    const { arrays, indexes } = this;
    arrays[number - this.first] = cells;
    indexes[number - this.first] = index;
  }

  private pageAt(position: number): CellRange | undefined {
    const cells = this.arrays[position];
    return cells && { cells, index: this.indexes[position] };
  }

  private open(number: number): CellRange {
    const page = this.store.allocate(this.pageLength);
    this.put(number, page);
    this.opened?.(number, page);
    return page;
  }
}

/** An array without holes, which is read faster than one with them. */
function blanks<T>(length: number, value: T): T[] {
  return Array.from({ length }, () => value);
}
