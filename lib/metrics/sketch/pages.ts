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
  /**
   * The two properties of each page's CellRange, one after the other: fewer objects, and better locality. Undefined and
   * 0 for a page that does not exist.
   */
  private pages: (Float64Array | number | undefined)[] = [];
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

  /** Counts a value in a bucket that is not empty. Returns false, without counting it, if the bucket is empty. */
  increment(key: number): boolean {
    const { pages, sizeLog2 } = this;
    const number = key >> sizeLog2;
    const at = (number - this.first) << 1;
    // V8 reads elements with a generic stub once an array was read at a negative index.
    if (at < 0 || at >= pages.length) return false;
    const cells = pages[at];
    if (typeof cells !== 'object') return false;
    const cell = (pages[at + 1] as number) + key - (number << sizeLog2);
    const count = cells[cell];
    if (count === 0) return false;
    cells[cell] = count + 1;
    return true;
  }

  /** Counts one value. Returns whether it is the first of its bucket. */
  add(key: number): boolean {
    return !this.increment(key) && this.set(key, 1) === 0;
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
    this.pages = [];
  }

  /** Visits the non-empty buckets in the order of their keys. */
  visit(visitor: BucketVisitor): void {
    const { pages, first, sizeLog2, pageLength } = this;
    for (let at = 0; at < pages.length; at += 2) {
      const cells = pages[at];
      if (typeof cells !== 'object') continue;
      const index = pages[at + 1] as number;
      for (let j = 0; j < pageLength; j++) {
        const count = cells[index + j];
        if (count > 0) visitor(((first + at / 2) << sizeLog2) + j, count);
      }
    }
  }

  /** Visits all pages. */
  forEachPage(visitor: PageVisitor): void {
    for (let position = 0; position < this.length; position++) {
      const page = this.pageAt(position);
      if (page !== undefined) visitor(this.first + position, page);
    }
  }

  /** Adds a page: a new one or, for reading, one that another thread writes. */
  put(number: number, { cells, index }: CellRange): void {
    if (this.length === 0) this.first = number;
    // `concat` allocates no spare capacity, and pages are added rarely.
    const before = this.first - number;
    const after = number - this.first - this.length + 1;
    if (before > 0) {
      this.pages = blanks(before).concat(this.pages);
      this.first = number;
    } else if (after > 0) this.pages = this.pages.concat(blanks(after));
    const at = (number - this.first) * 2;
    this.pages[at] = cells;
    this.pages[at + 1] = index;
  }

  private get length(): number {
    return this.pages.length / 2;
  }

  private pageAt(position: number): CellRange | undefined {
    const cells = position >= 0 ? this.pages[position * 2] : undefined;
    return typeof cells === 'object' ? { cells, index: this.pages[position * 2 + 1] as number } : undefined;
  }

  private open(number: number): CellRange {
    const page = this.store.allocate(this.pageLength);
    this.put(number, page);
    this.opened?.(number, page);
    return page;
  }
}

/** Pages that do not exist, in an array without holes, which is read faster than one with them. */
function blanks(pages: number): (Float64Array | number | undefined)[] {
  return Array.from({ length: pages * 2 }, (_, i) => (i % 2 === 0 ? undefined : 0));
}
