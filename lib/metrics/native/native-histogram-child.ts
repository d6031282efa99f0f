import { show, ValueError } from '../../model/errors.js';
import type { Exemplar } from '../../model/exemplar.js';
import type { NativeReading } from '../../model/native-histogram.js';
import {
  type ExemplarLabels,
  hasExemplarSource,
  isWithExemplar,
  type KeepExemplar,
  type WithExemplar,
} from '../exemplars.js';
import { bucketOf, HistogramChild } from '../histogram-child.js';
import type { NativeLayout } from '../layout/native.js';
import type { NativeSketch } from './native-sketch.js';

const NO_EXEMPLARS: readonly Exemplar[] = [];

/** How native series of a family are reset when they have too many buckets. */
export interface ResetRule {
  /** Minimum milliseconds between two resets. */
  readonly minResetMs: number;
  /** Resets a series. */
  reset(child: NativeHistogramChild): void;
  /** Requests a reset as soon as it is allowed, even if nothing is recorded on the series then. */
  scheduleReset(child: NativeHistogramChild): void;
}

/** One series of a Histogram with native buckets. */
export class NativeHistogramChild extends HistogramChild {
  /** The exemplars of all native buckets together. */
  exemplars = NO_EXEMPLARS;
  /** `performance.now()` of the last reset, or of the creation; 0 if series are never reset. */
  private resetAt: number;
  /** Whether the series waits for a reset, because it was narrowed. */
  private isScheduled = false;

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
    const { bounds, keep } = this;
    if (this.sketch.count(value)) this.count(value);
    else if (this.row >= 0) this.countInAny(value);
    if (keep !== undefined && (exemplar !== undefined || hasExemplarSource())) {
      keep(this, bucketOf(bounds, value), value, exemplar);
    }
  }

  /** Reads the exponential buckets, the sum and the exemplars. */
  readNative(layout: NativeLayout, into: NativeReading): void {
    this.sketch.read(layout, into);
    into.sum = this.cells[this.index + this.bounds.length + 1];
    into.exemplars = this.exemplars;
  }

  /** Resets the series if it waits for that and enough time has passed. */
  resetIfDue(): void {
    if (this.isScheduled && this.mayReset()) this.rule.reset(this);
  }

  /** Called when the series was reset. */
  restarted(): void {
    this.sketch.clear();
    this.resetAt = this.timeOfReset();
    this.isScheduled = false;
    this.sketch.setPaused(false);
  }

  /** Counts a value in the classic buckets and the sum. */
  private count(value: number): void {
    const { bounds, cells, index } = this;
    cells[index + (bounds.length === 0 ? 0 : bucketOf(bounds, value))] += 1;
    cells[index + bounds.length + 1] += value;
  }

  /** Counts a value whose exponential bucket may be empty or one too many, or while a reset is awaited. */
  private countInAny(value: number): void {
    this.resetIfDue();
    this.count(value);
    if (this.sketch.add(value)) this.limit(value);
  }

  /** Reduces the number of buckets by the Go client's steps, in its order. */
  private limit(value: number): void {
    if (!this.isScheduled && this.mayReset()) {
      this.rule.reset(this);
      // Counts the last value again, for which there is room now.
      this.count(value);
      this.sketch.add(value);
      return;
    }
    // Narrowing costs accuracy, which the next reset restores.
    if (this.rule.minResetMs !== Infinity && !this.isScheduled) {
      this.isScheduled = true;
      this.sketch.setPaused(true);
      this.rule.scheduleReset(this);
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
