import { keyOf, scaleOf, upperBound } from '../../model/exponential.js';
import type { CellRange, Store } from '../../store/store.js';
import { Pages } from './pages.js';

/**
 * 32 buckets per octave: a value differs by at most (2^(1/32) - 1) / (2^(1/32) + 1) = 1.083 % from the middle of its
 * bucket.
 */
export const SKETCH_SCALE = scaleOf(5);

/** Up to this many values are stored themselves, so that their quantiles are exact. */
export const EXACT_VALUES = 16;

/** The cells of a sketch's head: count, zeros, the slice of a window that the sketch holds, and the first values. */
const COUNT = 0;
const ZEROS = 1;
const SLICE = 2;
const VALUES = 3;

/** Called with a part of a sketch's cells. The key identifies it: `[HEAD]`, or a sign and the number of a page. */
export type PartVisitor = (key: readonly number[], range: CellRange) => void;

const HEAD = 0;
const POSITIVE = 1;
const NEGATIVE = 2;

/**
 * Counts values in the buckets of a native histogram of schema 5, and stores the first values. Adding is O(1). Sketches
 * can be merged without loss: the sum of two is the sketch of all their values.
 */
export class Sketch {
  private readonly positive: Pages;
  private readonly negative: Pages;

  constructor(
    private readonly store: Store,
    private readonly head: CellRange = store.allocate(VALUES + EXACT_VALUES),
  ) {
    this.positive = new Pages(store, SKETCH_SCALE.schema);
    this.negative = new Pages(store, SKETCH_SCALE.schema);
  }

  get count(): number {
    return this.head.cells[this.head.index + COUNT];
  }

  /** The number of the slice of a window that this sketch holds. */
  get slice(): number {
    return this.head.cells[this.head.index + SLICE];
  }

  set slice(slice: number) {
    this.head.cells[this.head.index + SLICE] = slice;
  }

  /** Counts one finite value. */
  add(value: number): void {
    const { cells, index } = this.head;
    const count = cells[index + COUNT];
    if (count < EXACT_VALUES) cells[index + VALUES + count] = value;
    if (value > 0) this.positive.add(keyOf(SKETCH_SCALE, value));
    else if (value < 0) this.negative.add(keyOf(SKETCH_SCALE, -value));
    else cells[index + ZEROS] += 1;
    cells[index + COUNT] = count + 1;
  }

  /** Counts all values of another sketch. */
  addAll(other: Sketch): void {
    const { cells, index } = this.head;
    const [own, values] = [this.exactValues(), other.exactValues()];
    // The stored values are used only as long as all fit.
    if (own !== undefined && values !== undefined && own.length + values.length <= EXACT_VALUES) {
      cells.set(values, index + VALUES + own.length);
    }
    cells[index + COUNT] += other.count;
    cells[index + ZEROS] += other.head.cells[other.head.index + ZEROS];
    other.positive.visit((key, count) => this.positive.set(key, this.positive.get(key) + count));
    other.negative.visit((key, count) => this.negative.set(key, this.negative.get(key) + count));
  }

  /** Removes all values; keeps the cells for new ones. */
  clear(): void {
    if (this.count === 0) return;
    const { cells, index } = this.head;
    cells.fill(0, index, index + SLICE);
    cells.fill(0, index + VALUES, index + VALUES + EXACT_VALUES);
    this.positive.clear();
    this.negative.clear();
  }

  /** Releases all cells. The sketch must not be used afterwards. */
  release(): void {
    this.store.release(this.head, VALUES + EXACT_VALUES);
    this.positive.release();
    this.negative.release();
  }

  /** Visits all parts and, when they are allocated, later ones. */
  describe(visitor: PartVisitor): void {
    visitor([HEAD], this.head);
    for (const [sign, pages] of [[POSITIVE, this.positive] as const, [NEGATIVE, this.negative] as const]) {
      pages.opened = (number, page) => visitor([sign, number], page);
      pages.forEachPage(pages.opened);
    }
  }

  /** Visits all current parts, with their number of cells; the keys are those of `describe`. */
  visitParts(visitor: (key: readonly number[], range: CellRange, length: number) => void): void {
    visitor([HEAD], this.head, VALUES + EXACT_VALUES);
    for (const [sign, pages] of [[POSITIVE, this.positive] as const, [NEGATIVE, this.negative] as const]) {
      pages.forEachPage((number, page) => visitor([sign, number], page, pages.pageLength));
    }
  }

  /** Adds a page that `describe` reported in another thread or process, for reading. */
  adopt([sign, number]: readonly number[], page: CellRange): void {
    (sign === POSITIVE ? this.positive : this.negative).put(number, page);
  }

  /** Returns the values, or undefined if there were too many to store. */
  exactValues(): readonly number[] | undefined {
    const { cells, index } = this.head;
    const { count } = this;
    return count > EXACT_VALUES ? undefined : Array.from(cells.subarray(index + VALUES, index + VALUES + count));
  }

  /** Adds this sketch's counts to those of others, by the middle value of each bucket. */
  addTo(counts: Map<number, number>): void {
    const zeros = this.head.cells[this.head.index + ZEROS];
    if (zeros > 0) addCount(counts, 0, zeros);
    this.positive.visit((key, count) => addCount(counts, middleOf(key), count));
    this.negative.visit((key, count) => addCount(counts, -middleOf(key), count));
  }
}

/** Returns a sketch that reads cells of another thread or process, in the order in which `describe` reported them. */
export function adoptSketch(sketch: Sketch | undefined, key: readonly number[], range: CellRange): Sketch | undefined {
  if (key[0] === HEAD) return new Sketch(noStore, range);
  sketch?.adopt(key, range);
  return sketch;
}

/** For readers, which allocate no cells. */
const noStore: Store = {
  allocate: (count) => ({ cells: new Float64Array(count), index: 0 }),
  release() {},
};

/** The value whose relative distance to both ends of the bucket is the same. */
function middleOf(key: number): number {
  // Not computed from both bounds: their sum or product may overflow, and subnormals would be rounded twice.
  return upperBound(SKETCH_SCALE, key) * MIDDLE;
}

/** The middle of a bucket as a fraction of its upper bound. */
const MIDDLE = 2 / (1 + 2 ** (1 / SKETCH_SCALE.perOctave));

function addCount(counts: Map<number, number>, value: number, count: number): void {
  counts.set(value, (counts.get(value) ?? 0) + count);
}

/**
 * Returns the quantile of each rank (0 to 1) over all observations in the sketches, NaN if there are none. Exact as
 * long as each sketch stores its values.
 */
export function quantilesOf(all: readonly Sketch[], ranks: readonly number[]): number[] {
  const sketches = all.filter((sketch) => sketch.count > 0);
  const exact = sketches.map((sketch) => sketch.exactValues());
  const counts = new Map<number, number>();
  if (exact.every((values): values is readonly number[] => values !== undefined)) {
    for (const value of exact.flat()) counts.set(value, (counts.get(value) ?? 0) + 1);
  } else for (const sketch of sketches) sketch.addTo(counts);
  return atRanks(counts, ranks);
}

/** Nearest rank: the least value that at least `rank` of all observations do not exceed. */
function atRanks(counts: ReadonlyMap<number, number>, ranks: readonly number[]): number[] {
  const sorted = [...counts].sort(([a], [b]) => a - b);
  const total = sorted.reduce((sum, [, count]) => sum + count, 0);
  return ranks.map((rank) => {
    // 0.07 * 100 is slightly above 7 in floating point, and must not select the eighth value.
    const wanted = Math.max(1, Math.ceil(rank * total * (1 - Number.EPSILON)));
    let seen = 0;
    for (const [value, count] of sorted) {
      seen += count;
      if (seen >= wanted) return value;
    }
    return Number.NaN;
  });
}
