import type { Run, Store } from '../../store/store.js';

/** Takes the key and the count of a bucket in which something was counted. */
export type BucketVisitor = (key: number, count: number) => void;

/** Takes the number of a page and its cells. */
export type PageVisitor = (number: number, page: Run) => void;

/** A page is an octave, but never less than 8 cells nor more than 32: small ones cost objects, large ones empty cells. */
const LEAST_LOG2 = 3;
const MOST_LOG2 = 5;

/**
 * Counters of neighbouring buckets in pages of cells. A page is made when a value first falls on it, so buckets cost
 * cells only near to where values are.
 */
export class Pages {
  private readonly sizeLog2: number;
  private readonly mask: number;
  /** The number of the first page. */
  private first = 0;
  private readonly pages: (Run | undefined)[] = [];
  /** Is told of every page that is made. */
  opened: PageVisitor | undefined;

  constructor(
    private readonly store: Store,
    schema: number,
  ) {
    this.sizeLog2 = Math.min(MOST_LOG2, Math.max(LEAST_LOG2, schema));
    this.mask = 2 ** this.sizeLog2 - 1;
  }

  /** Counts one value; gives what the bucket then holds. */
  add(key: number): number {
    const page = this.pages[(key >> this.sizeLog2) - this.first] ?? this.open(key >> this.sizeLog2);
    const at = page.index + (key & this.mask);
    const count = page.cells[at] + 1;
    page.cells[at] = count;
    return count;
  }

  /** Sets a bucket; gives what it held before. */
  set(key: number, count: number): number {
    const page = this.pages[(key >> this.sizeLog2) - this.first] ?? this.open(key >> this.sizeLog2);
    const at = page.index + (key & this.mask);
    const before = page.cells[at];
    page.cells[at] = count;
    return before;
  }

  /** What a bucket holds. */
  get(key: number): number {
    const page = this.pages[(key >> this.sizeLog2) - this.first];
    return page === undefined ? 0 : page.cells[page.index + (key & this.mask)];
  }

  /** Sets all counters to 0 and keeps their cells for what comes. */
  clear(): void {
    for (const page of this.pages) page?.cells.fill(0, page.index, page.index + this.mask + 1);
  }

  /** Gives all cells back. */
  release(): void {
    for (const page of this.pages) if (page !== undefined) this.store.release(page, this.mask + 1);
    this.pages.length = 0;
  }

  /** Visits the buckets in which something was counted, in the order of their keys. */
  visit(visitor: BucketVisitor): void {
    const { pages, first, sizeLog2, mask } = this;
    for (let i = 0; i < pages.length; i++) {
      const page = pages[i];
      if (page === undefined) continue;
      for (let j = 0; j <= mask; j++) {
        const count = page.cells[page.index + j];
        if (count > 0) visitor(((first + i) << sizeLog2) + j, count);
      }
    }
  }

  /** Visits the pages there are. */
  forEachPage(visitor: PageVisitor): void {
    this.pages.forEach((page, i) => {
      if (page !== undefined) visitor(this.first + i, page);
    });
  }

  /** Puts a page in its place: one that was just made or, to read it, one that somebody else writes to. */
  put(number: number, page: Run): void {
    if (this.pages.length === 0) this.first = number;
    while (number < this.first) {
      this.pages.unshift(undefined);
      this.first -= 1;
    }
    // Filled up, because an array with holes is read more slowly.
    while (this.pages.length < number - this.first) this.pages.push(undefined);
    this.pages[number - this.first] = page;
  }

  private open(number: number): Run {
    const page = this.store.allocate(this.mask + 1);
    this.put(number, page);
    this.opened?.(number, page);
    return page;
  }
}
