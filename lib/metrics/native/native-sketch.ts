import {
  COARSEST_SCHEMA,
  INFINITE,
  keyOf,
  keyOfBits,
  LEAST_NORMAL,
  type Scale,
  scaleOf,
  upperBits,
  upperBound,
} from '../../model/exponential.js';
import type { NativeReading } from '../../model/native-histogram.js';
import type { CellRange, Store } from '../../store/store.js';
import {
  EPOCH,
  HALVED,
  NANS,
  type NativeLayout,
  type NativePages,
  NEGATIVE,
  POSITIVE,
  WIDENED,
  ZEROS,
} from '../layout/native.js';
import { Pages } from '../sketch/pages.js';
import { type NativePlan, reachOf } from './native-options.js';

/** Called with a page of a sketch and a key that identifies it. */
export type PageVisitor = (key: readonly number[], page: CellRange) => void;

/** Returns a sketch without observations, whose head lies at `cells[head]`. */
export function newNativeSketch(store: Store, plan: NativePlan, cells: Float64Array, head: number): NativeSketch {
  return new NativeSketch(store, plan, cells, head);
}

/**
 * The exponential buckets of one series, on the same kind of pages as a summary's sketch. Their number is limited as in
 * the Go client: each observation that finds too many buckets narrows the sketch by one step.
 */
export class NativeSketch implements NativePages {
  private scale: Scale;
  /** The width of the zero bucket. All series of a family share one object until theirs is widened. */
  private zero: Pick<NativePlan, 'reach'>;
  positive: Pages;
  /** Created with the first negative value: most series have none. */
  negative: Pages | undefined;
  /** Buckets in use, both signs together. */
  private used = 0;
  private isOverfull = false;
  /** Incremented whenever the pages are replaced. */
  private epoch = 0;
  private visitor: PageVisitor | undefined;
  /** Whether the owner has to see each value, and `count` counts none. */
  private isPaused = false;
  /**
   * The upper bits of the least value that `count` counts, and how many others follow: the normal numbers outside of the
   * zero bucket, or none.
   */
  private lowest = 0;
  private span = 0;

  constructor(
    private readonly store: Store,
    private readonly plan: NativePlan,
    /** The cells of the series, in which the head lies. */
    private readonly cells: Float64Array,
    private readonly head: number,
  ) {
    this.scale = scaleOf(plan.schema);
    this.zero = plan;
    this.positive = new Pages(store, plan.schema);
    this.updateSpan();
  }

  private get signs(): readonly Pages[] {
    const { positive, negative } = this;
    return negative === undefined ? [positive] : [positive, negative];
  }

  /**
   * Counts a value if its bucket is not empty and nothing else has to be done for it, as is the case for nearly all.
   * Otherwise returns false, without counting it.
   */
  count(value: number): boolean {
    const size = upperBits(value);
    // A single comparison also excludes zeros, subnormal numbers, infinities and NaN.
    if ((size - this.lowest) >>> 0 >= this.span) return false;
    const pages = value > 0 ? this.positive : this.negative;
    return pages?.increment(keyOfBits(this.scale, size)) === true;
  }

  /** While the sketch is paused, `count` counts no value. */
  setPaused(isPaused: boolean): void {
    this.isPaused = isPaused;
    this.updateSpan();
  }

  /** Counts any value, including NaN and infinities. Returns whether there are now too many buckets. */
  add(value: number): boolean {
    const size = value < 0 ? -value : value;
    if (!(size > this.zero.reach)) return this.addOutside(value);
    const pages = value > 0 ? this.positive : this.negativePages();
    if (pages.add(keyOf(this.scale, size))) this.use(this.used + 1);
    return this.isOverfull;
  }

  /**
   * Reduces the number of buckets: merges the nearest ones into the zero bucket or, if that is not allowed, halves the
   * resolution.
   */
  narrow(): void {
    if (!this.widenZeroBucket()) this.halveResolution();
  }

  /** Removes all buckets. The owner has already zeroed the head, with the rest of the row. */
  clear(): void {
    this.zero = this.plan;
    this.use(0);
    // Pages that other threads may be reading are replaced, not zeroed.
    if (this.scale.schema === this.plan.schema && this.visitor === undefined) {
      for (const pages of this.signs) pages.clear();
    } else this.release(this.usePages(this.plan.schema));
    this.cells[this.head + EPOCH] = this.epoch;
  }

  /** Releases pages, by default its own. Then the sketch must be held, and not be used except for `count`. */
  release(pages = this.signs): void {
    for (const one of pages) one.release();
  }

  /** Visits all pages, and later ones when they are created. The key consists of epoch, sign and number. */
  describe(visitor: PageVisitor): void {
    this.visitor = visitor;
    this.watchPages(visitor);
    for (const pages of this.signs) if (pages.opened !== undefined) pages.forEachPage(pages.opened);
  }

  /** Reads everything but sum and exemplars. */
  read(layout: NativeLayout, into: NativeReading): void {
    layout.read(this.cells, this.head, this, into);
  }

  /** Counts a value that is in the zero bucket or, NaN, in none. */
  private addOutside(value: number): boolean {
    const isNumber = !Number.isNaN(value);
    this.cells[this.head + (isNumber ? ZEROS : NANS)] += 1;
    return isNumber && this.isOverfull;
  }

  private use(buckets: number): void {
    this.used = buckets;
    this.isOverfull = buckets > this.plan.maxBuckets;
    this.updateSpan();
  }

  private updateSpan(): void {
    // Values with the same upper bits as the threshold may be on either side of it.
    this.lowest = Math.max(upperBits(this.zero.reach) + 1, LEAST_NORMAL);
    this.span = this.isPaused || this.isOverfull ? 0 : Math.max(INFINITE - this.lowest, 0);
  }

  private widenZeroBucket(): boolean {
    const { maxZeroThreshold } = this.plan;
    const { cells, head } = this;
    if (this.zero.reach >= maxZeroThreshold) return false;
    const key = Math.min(...this.signs.map(leastKey));
    if (key === Infinity) return false;
    const threshold = upperBound(this.scale, key);
    if (threshold > maxZeroThreshold) return false;
    for (const pages of this.signs) {
      if (pages.get(key) === 0) continue;
      cells[head + ZEROS] += pages.set(key, 0);
      this.use(this.used - 1);
    }
    cells[head + WIDENED] = threshold;
    this.zero = { reach: reachOf(threshold) };
    this.updateSpan();
    return true;
  }

  private halveResolution(): void {
    const { schema } = this.scale;
    if (schema === COARSEST_SCHEMA) return;
    const old = this.usePages(schema - 1);
    const [positive, negative] = old;
    this.use(merge(positive, this.positive) + (negative === undefined ? 0 : merge(negative, this.negativePages())));
    this.cells[this.head + HALVED] += 1;
    // Other threads now read the new pages, so the old ones can be released.
    this.cells[this.head + EPOCH] = this.epoch;
    this.release(old);
  }

  /** Continues with empty pages. Returns the previous ones. */
  private usePages(schema: number): readonly Pages[] {
    const old = this.signs;
    this.scale = scaleOf(schema);
    this.positive = new Pages(this.store, schema);
    this.negative = undefined;
    this.epoch += 1;
    if (this.visitor !== undefined) this.watchPages(this.visitor);
    return old;
  }

  private negativePages(): Pages {
    if (this.negative === undefined) {
      this.negative = new Pages(this.store, this.scale.schema);
      if (this.visitor !== undefined) this.watchPages(this.visitor);
    }
    return this.negative;
  }

  private watchPages(visitor: PageVisitor): void {
    const { epoch, positive, negative } = this;
    positive.opened = (number, page) => visitor([epoch, POSITIVE, number], page);
    if (negative !== undefined) negative.opened = (number, page) => visitor([epoch, NEGATIVE, number], page);
  }
}

/** Returns the least key with a count; Infinity if there is none. */
function leastKey(pages: Pages): number {
  let least = Infinity;
  pages.visit((key) => {
    if (key < least) least = key;
  });
  return least;
}

/** Adds the buckets to pages of half the resolution. Returns the number of non-empty buckets there. */
function merge(from: Pages, into: Pages): number {
  let used = 0;
  from.visit((key, count) => {
    const wider = Math.trunc((key > 0 ? key + 1 : key) / 2);
    if (into.set(wider, into.get(wider) + count) === 0) used += 1;
  });
  return used;
}
