import type { Run, Store } from '../../store/store.js';
import { keyOf, scaleOf, upperBound } from './exponential.js';
import { Pages } from './pages.js';

/**
 * 32 buckets an octave: a value is at most (2^(1/32) - 1) / (2^(1/32) + 1) = 1.083 % from the middle that stands for
 * its bucket.
 */
export const SKETCH_SCALE = scaleOf(5);

/** So many values are kept as they came; up to there quantiles are exact. */
export const EXACT = 16;

/** The head of a sketch in cells: count, zeros, then the values as they came. */
const COUNT = 0;
const ZEROS = 1;
const VALUES = 2;

/**
 * How often values of each size were seen, in cells: the buckets of a native histogram of schema 5, and the first
 * values. Adding is O(1). Sketches add up: the sum of two is the sketch of all values of both.
 */
export class Sketch {
  private readonly head: Run;
  private readonly positive: Pages;
  private readonly negative: Pages;

  constructor(private readonly store: Store) {
    this.head = store.allocate(VALUES + EXACT);
    this.positive = new Pages(store, SKETCH_SCALE.schema);
    this.negative = new Pages(store, SKETCH_SCALE.schema);
  }

  get count(): number {
    return this.head.cells[this.head.index + COUNT];
  }

  /** Counts one finite value. */
  add(value: number): void {
    const { cells, index } = this.head;
    const count = cells[index + COUNT];
    if (count < EXACT) cells[index + VALUES + count] = value;
    if (value > 0) this.positive.add(keyOf(SKETCH_SCALE, value));
    else if (value < 0) this.negative.add(keyOf(SKETCH_SCALE, -value));
    else cells[index + ZEROS] += 1;
    cells[index + COUNT] = count + 1;
  }

  /** Forgets everything; the cells are kept for what comes. */
  clear(): void {
    if (this.count === 0) return;
    this.head.cells.fill(0, this.head.index, this.head.index + VALUES + EXACT);
    this.positive.clear();
    this.negative.clear();
  }

  /** Gives all cells back. The sketch is not to be used afterwards. */
  release(): void {
    this.store.release(this.head, VALUES + EXACT);
    this.positive.release();
    this.negative.release();
  }

  /** The values as they came, or undefined where there were too many to keep. */
  exactValues(): readonly number[] | undefined {
    const { cells, index } = this.head;
    const { count } = this;
    return count > EXACT ? undefined : Array.from(cells.subarray(index + VALUES, index + VALUES + count));
  }

  /** Adds this sketch's counts to those of others: a middle value of each bucket, and how many fell there. */
  addTo(counts: Map<number, number>): void {
    const zeros = this.head.cells[this.head.index + ZEROS];
    if (zeros > 0) addCount(counts, 0, zeros);
    this.positive.visit((key, count) => addCount(counts, middleOf(key), count));
    this.negative.visit((key, count) => addCount(counts, -middleOf(key), count));
  }
}

/** The value whose relative distance to both ends of the bucket is the same. */
function middleOf(key: number): number {
  // Not from both bounds: their sum or product need not be finite, and subnormals would be rounded twice.
  return upperBound(SKETCH_SCALE, key) * MIDDLE;
}

/** Where the middle of a bucket lies, as a part of its upper bound. */
const MIDDLE = 2 / (1 + 2 ** (1 / SKETCH_SCALE.perOctave));

function addCount(counts: Map<number, number>, value: number, count: number): void {
  counts.set(value, (counts.get(value) ?? 0) + count);
}
