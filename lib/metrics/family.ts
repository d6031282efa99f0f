import {
  type LabelSpec,
  type Labels,
  type LabelValue,
  labelObject,
  type RecordingArguments,
  type SeriesLabels,
  type SeriesValues,
  type SomeLabels,
  type SpreadValues,
} from '../model/labels.js';
import { LabelReader, NO_LABELS } from './label-reader.js';
import type { MetricConfig } from './metric-config.js';
import { registerIn } from './metric-registry.js';
import { type FamilyPlan, PublishedFamily } from './published-family.js';
import type { Child } from './series-table.js';

export type { Child };

/** A metric with some labels already set: everything that records or looks up series, for the remaining labels. */
export type Curried<F> = Pick<
  F,
  Extract<
    keyof F,
    | 'name'
    | 'labelNames'
    | 'inc'
    | 'dec'
    | 'set'
    | 'setToCurrentTime'
    | 'setFunction'
    | 'observe'
    | 'state'
    | 'info'
    | 'startTimer'
    | 'time'
    | 'trackInProgress'
    | 'countExceptions'
    | 'labels'
    | 'remove'
    | 'removeMatching'
    | 'zero'
    | 'curry'
  >
>;

/** The API for looking up, removing and resetting series. Subclasses add the recording methods of one type. */
export abstract class Family<L extends LabelSpec, C extends Child> extends PublishedFamily<C> {
  protected readonly labelReader: LabelReader;

  constructor(config: MetricConfig<L, never>, plan: FamilyPlan) {
    super(config, plan);
    this.labelReader = new LabelReader(this.name, this.labelNames, this.series.index, this);
  }

  /** @internal */
  admit(labelValues: readonly string[], isNew: boolean): number {
    if (labelValues[0] === '' && labelValues.every((text) => text === '')) {
      this.faults?.warn?.(
        `Metric "${this.name}" was recorded with none of its labels (${this.series.labelNames.join(', ')}), which creates a ` +
          'series without labels. Pass them with each call.',
      );
    }
    return this.series.admit(labelValues, isNew);
  }

  /** Registers the metric. The constructor of a concrete metric must call this last. */
  protected register(): void {
    if (this.labelNames.length === 0) this.unlabeledChild();
    registerIn(this.registries, this);
  }

  /**
   * Returns the child of a series: `labels('GET', '/')` or `labels({ method: 'GET', path: '/' })`. Keep it on hot paths:
   * recording on a child needs no look-up. Once its series is removed, what it records is lost.
   * Throws LabelError for a wrong number of values, an unknown label or a value that is not a string, number or boolean.
   */
  labels(labels: SeriesLabels<L>): C;
  labels(...values: SeriesValues<L>): C;
  labels<V extends readonly unknown[]>(...values: SpreadValues<L, V>): C;
  labels(...values: readonly unknown[]): C {
    const { length } = values;
    const first = values[0];
    if (length === 1 && typeof first === 'object' && first !== null)
      return this.series.pin(this.labelReader.rowOf(first));
    const { labelReader } = this;
    if (length === 3 && labelReader.takesThree) {
      return this.series.pin(labelReader.rowOfValues(first, values[1], values[2]));
    }
    // V8 does not allocate the array of arguments as long as it is only read by constant indexes.
    if (length > 0) labelReader.take(0, first);
    if (length > 1) labelReader.take(1, values[1]);
    if (length > 2) labelReader.take(2, values[2]);
    if (length > 3) labelReader.take(3, values[3]);
    if (length > 4) labelReader.take(4, values[4]);
    for (let i = 5; i < length; i++) labelReader.take(i, values[i]);
    return this.series.pin(labelReader.rowOfTaken(length));
  }

  /** Removes a series: `remove('GET', '/')` or `remove({ method: 'GET', path: '/' })`. */
  remove(labels: SeriesLabels<L>): void;
  remove(...values: SeriesValues<L>): void;
  remove<V extends readonly unknown[]>(...values: SpreadValues<L, V>): void;
  remove(...values: readonly unknown[]): void {
    const labelValues = this.labelReader.valuesOf(values);
    const row = this.series.index.find(labelValues);
    if (row >= 0) this.drop(row);
    this.forgetEnded(labelValues);
  }

  /**
   * Removes every series whose labels have all the given values, and returns how many there were. The series of a
   * family without labels is not removed.
   */
  removeMatching(labels: SomeLabels<L> | { readonly [label: string]: LabelValue }): number {
    const wanted = this.labelReader.partOfObject(labelObject(labels, this.name));
    if (!this.series.isLabeled) return 0;
    let removed = 0;
    this.rows.forEachLive((row) => {
      const values = this.series.valuesOf(row);
      if (!wanted.every(([position, text]) => values[position] === text)) return;
      this.drop(row);
      removed += 1;
    });
    const values: string[] = [];
    for (const [position, text] of wanted) values[position] = text;
    this.forgetEnded(values);
    return removed;
  }

  /** Sets a series to 0, and adds it if it is new. Without labels: the series of a family that has none. */
  zero(...labels: RecordingArguments<L, [labels: Labels<L>], []>): void;
  zero(labels?: object): void {
    const row = this.labelReader.rowOf(labels ?? NO_LABELS);
    // The overflow series holds the values of others as well.
    if (this.series.isOverflow(row)) return;
    this.restart(this.childAt(row));
    if (this.mayHaveEnded) this.forgetEnded(this.series.valuesOf(row));
  }

  /**
   * Resets the family: series whose child was returned to a caller start again from 0, the others are removed. The series
   * of a family without labels starts again too.
   */
  reset(): void {
    this.rows.forEachLive((row) => {
      const child = this.children[row];
      if (child?.pinned === true) this.restart(child);
      else this.drop(row);
    });
    this.forgetEnded([]);
  }

  /**
   * Returns a copy of the family with some labels already set: it has the same series, looked up by another
   * LabelReader.
   */
  protected curried(labels: object): object {
    const labelReader = this.labelReader.curry(labelObject(labels, this.name));
    const { labelNames } = labelReader;
    // A spread, because V8 makes the result of Object.assign a dictionary for so many properties, and recording ten
    // times slower.
    const copy = { ...this, labelReader, labelNames, unlabeled: undefined, kind: 'curried' };
    return Object.setPrototypeOf(copy, Object.getPrototypeOf(this)) as object;
  }

  /** Returns the child of a label object, for immediate use. Its series is added if it is new. */
  protected child(labels: object): C {
    return this.childAt(this.labelReader.rowOf(labels));
  }

  /**
   * Returns the child whose labels are those of another child, with some replaced; if that child's series was removed,
   * the child itself.
   * @internal
   */
  siblingOf(child: C, labels: object): C {
    if (child.row < 0) return child;
    const values = this.series.valuesOf(child.row);
    const merged = Object.fromEntries(this.labelNames.map((label, i) => [label, values[i]]));
    return this.child(Object.assign(merged, labels));
  }

  /** Returns the child without label values. Its series is added if it is new. */
  protected unlabeledChild(): C {
    const row = this.labelReader.rowOf(NO_LABELS);
    const child = this.series.pin(row);
    // The overflow series is used only until there is room. A curried family is not notified when the series is
    // removed.
    if (!this.series.isOverflow(row) && !this.labelReader.isCurried) this.unlabeled = child;
    return child;
  }

  /** Removes the series whose child meets a condition, and calls `dropped` with each such child. */
  protected dropWhere(condition: (child: C) => boolean, dropped: (child: C, values: readonly string[]) => void): void {
    this.rows.forEachLive((row) => {
      const child = this.childAt(row);
      if (!condition(child)) return;
      dropped(child, this.series.valuesOf(row));
      this.removeRow(row);
    });
  }
}
