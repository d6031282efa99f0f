import { show, ValueError } from '../../model/errors.js';
import type { Exemplar } from '../../model/exemplar.js';
import type { NativeReading } from '../../model/native-histogram.js';
import { type ExemplarLabels, isSourced, isWithExemplar, type KeepExemplar, type WithExemplar } from '../exemplars.js';
import { bucketOf, HistogramChild } from '../histogram-child.js';
import type { NativeLayout } from '../layout/native.js';
import type { NativeSketch } from './native-sketch.js';

const NO_EXEMPLARS: readonly Exemplar[] = [];

/** How native series of one family start again when they have too many buckets. */
export interface ResetRule {
  /** Milliseconds that lie between two resets at least. */
  readonly minResetMs: number;
  /** Sets a series back to 0. */
  startAgain(child: NativeHistogramChild): void;
  /** A series wants to be reset when its time has come, also when nobody records on it then. */
  await(child: NativeHistogramChild): void;
}

/** One series of a Histogram with native buckets. */
export class NativeHistogramChild extends HistogramChild {
  /** The exemplars of the native buckets, of all of them together. */
  exemplars = NO_EXEMPLARS;
  /** `performance.now()` of the last reset, or of the start; 0 if there are no resets. */
  private resetAt: number;
  /** Whether a reset is due when its time has come, because the series was narrowed. */
  private isAwaited = false;

  constructor(
    readonly sketch: NativeSketch,
    private readonly rule: ResetRule,
    private readonly keep: KeepExemplar<HistogramChild> | undefined,
    ...plain: ConstructorParameters<typeof HistogramChild>
  ) {
    super(...plain);
    this.resetAt = this.timeOfReset();
  }

  override observe(value: number | WithExemplar, exemplar?: ExemplarLabels): void {
    if (typeof value !== 'number') {
      if (this.keep === undefined || !isWithExemplar(value)) this.refuse(value);
      this.observe(value.value as number, value.exemplarLabels);
      return;
    }
    const { bounds, cells, index, keep } = this;
    if (this.row >= 0) {
      if (this.isAwaited) this.resetIfDue();
      cells[index + (bounds.length === 0 ? 0 : bucketOf(bounds, value))] += 1;
      cells[index + bounds.length + 1] += value;
      if (this.sketch.add(value)) this.limit(value);
    }
    if (keep !== undefined && (exemplar !== undefined || isSourced())) {
      keep(this, bucketOf(bounds, value), value, exemplar);
    }
  }

  /** Reads the exponential buckets, the sum and their exemplars. */
  readNative(layout: NativeLayout, into: NativeReading): void {
    this.sketch.read(layout, into);
    into.sum = this.cells[this.index + this.bounds.length + 1];
    into.exemplars = this.exemplars;
  }

  /** Sets the series back if that was put off until now. */
  resetIfDue(): void {
    if (this.isAwaited && this.mayReset()) this.rule.startAgain(this);
  }

  /** The series begins anew. */
  restarted(): void {
    this.sketch.clear();
    this.resetAt = this.timeOfReset();
    this.isAwaited = false;
  }

  /** There are too many buckets: the Go client's steps, in its order. */
  private limit(value: number): void {
    if (!this.isAwaited && this.mayReset()) {
      this.rule.startAgain(this);
      // The last one is not lost. There is room for it now.
      const { bounds, cells, index } = this;
      cells[index + bucketOf(bounds, value)] += 1;
      cells[index + bounds.length + 1] += value;
      this.sketch.add(value);
      return;
    }
    // What follows costs accuracy, which the next reset restores.
    if (this.rule.minResetMs !== Infinity && !this.isAwaited) {
      this.isAwaited = true;
      this.rule.await(this);
    }
    this.sketch.narrow();
  }

  /** V8 keeps a small integer in its field, and any other number in an object. */
  private timeOfReset(): number {
    return this.rule.minResetMs === Infinity ? 0 : performance.now();
  }

  /** Whether enough time has passed since the last reset. */
  private mayReset(): boolean {
    return performance.now() - this.resetAt >= this.rule.minResetMs;
  }

  private refuse(value: unknown): never {
    throw new ValueError(`Histogram "${this.family.name}": observed value must be a number, got ${show(value)}.`);
  }
}
