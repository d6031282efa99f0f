import { show, ValueError } from '../../model/errors.js';
import type { NativeReading } from '../../model/native-histogram.js';
import { isSourced } from '../exemplar-source.js';
import type { ExemplarLabels, KeepExemplar } from '../exemplars.js';
import { bucketOf, HistogramChild } from '../histogram-child.js';
import { NativeExemplars } from './native-exemplars.js';
import type { NativeSketch } from './native-sketch.js';

/** How native series of one family start again when they have too many buckets. */
export interface ResetRule {
  /** Milliseconds that lie between two resets at least. */
  readonly minResetMs: number;
  /** Sets a series back to 0. */
  startAgain(child: FullHistogramChild): void;
  /** A series wants to be reset when its time has come, also when nobody records on it then. */
  await(child: FullHistogramChild): void;
}

/**
 * One series of a Histogram that has native buckets, exemplars or both. Those with neither are of the plain class, and
 * lose no time on them.
 */
export class FullHistogramChild extends HistogramChild {
  /** The exemplars of the native buckets, of all of them together. */
  readonly exemplars = new NativeExemplars();
  /** `performance.now()` of the last reset, or of the start. */
  private resetAt = performance.now();
  /** When a reset is due because the series was narrowed. */
  private due = Infinity;

  constructor(
    readonly sketch: NativeSketch | undefined,
    private readonly rule: ResetRule,
    private readonly keep: KeepExemplar<HistogramChild> | undefined,
    ...plain: ConstructorParameters<typeof HistogramChild>
  ) {
    super(...plain);
  }

  override observe(value: number, exemplar?: ExemplarLabels): void {
    const { sketch, keep } = this;
    if (sketch === undefined) super.observe(value);
    else if (this.row >= 0) {
      if (typeof value !== 'number') this.refuse(value);
      if (this.due !== Infinity) this.resetIfDue();
      this.count(value);
      if (sketch.add(value)) this.limit(value, sketch);
    }
    if (keep !== undefined && (exemplar !== undefined || isSourced())) {
      keep(this, bucketOf(this.bounds, value), value, exemplar);
    }
  }

  /** Reads what the series holds. */
  readNative(into: NativeReading): void {
    this.sketch?.read(into);
    into.sum = this.cells[this.index + this.bounds.length + 1];
    into.exemplars = this.exemplars.list;
  }

  /** Sets the series back if that was put off until now. */
  resetIfDue(): void {
    if (performance.now() < this.due) return;
    this.rule.startAgain(this);
  }

  /** The series begins anew. */
  restarted(): void {
    this.sketch?.clear();
    this.resetAt = performance.now();
    this.due = Infinity;
  }

  private count(value: number): void {
    const { cells, bounds, index } = this;
    cells[index + bucketOf(bounds, value)] += 1;
    cells[index + bounds.length + 1] += value;
  }

  /** There are too many buckets: the Go client's steps, in its order. */
  private limit(value: number, sketch: NativeSketch): void {
    const { minResetMs } = this.rule;
    if (this.due === Infinity && performance.now() - this.resetAt >= minResetMs) {
      this.rule.startAgain(this);
      // The last one is not lost.
      this.count(value);
      sketch.add(value);
      return;
    }
    // What follows costs accuracy, which the next reset gives back.
    if (minResetMs !== Infinity && this.due === Infinity) {
      this.due = this.resetAt + minResetMs;
      this.rule.await(this);
    }
    sketch.narrow();
  }

  protected override refuse(value: unknown): never {
    if (this.sketch === undefined) super.refuse(value);
    throw new ValueError(`Histogram "${this.family.name}" observes numbers, not ${show(value)}.`);
  }
}
