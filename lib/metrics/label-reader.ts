import { LabelError, pluralize, show } from '../model/errors.js';
import { toLabelString } from '../model/labels.js';
import { areWellFormed, wellFormed } from '../model/names.js';
import { CurriedIndex } from '../store/curried-index.js';
import type { SeriesIndex } from '../store/series-index.js';

/** The labels of a series without labels. */
export const NO_LABELS: Readonly<Record<string, never>> = Object.freeze({});

/** Adds the series for the labels that a caller passed. */
export interface SeriesAdmission {
  /**
   * Returns the row of a series. If `isNew`, it is added without being looked up again; otherwise, only if it is not
   * found.
   */
  admit(labelValues: readonly string[], isNew: boolean): number;
}

/** Never adds a series. */
const NO_ADMISSION: SeriesAdmission = { admit: () => -1 };

/** For each number of labels, a shared array for readers without curried values. */
const noneCurried: (readonly undefined[])[] = [];

/** Shared by look-ups without numbers, and by families whose labels always come in order. */
const NO_NUMBERS: (number | undefined)[] = [];
const NO_POSITIONS: readonly number[] = [];

/** From this many labels on, values are read into an array. */
const MANY = 4;

/**
 * Finds the row of a series by the labels that a caller passes, and throws LabelError for invalid ones. A look-up
 * allocates nothing; the values that it has read stay in `values` until the next one.
 */
export class LabelReader {
  /**
   * Whether a label has the name of a property that every object inherits, such as `constructor`, so that `hasOwn` is
   * needed.
   */
  private inherited: boolean | undefined;
  /** The labels that callers pass, in order. */
  readonly labelNames: readonly string[];
  /**
   * The label values of the last look-up, as strings. Undefined while a label object is being read: its getters or a
   * proxy may record on the same metric, and such a look-up needs an array of its own.
   */
  private values: string[] | undefined;
  /** The last number that was passed for each label. */
  private numbers = NO_NUMBERS;
  /** The values of curried labels, by position. */
  private readonly curried: readonly (string | undefined)[];
  private readonly index: Pick<SeriesIndex, 'find' | 'remember' | 'findOne'>;
  /** The number of labels if they are read without an array, 0 to 3; otherwise MANY. */
  private readonly few: number;
  /** The names of three labels in the first other order that a caller passed them in, and the position of each. */
  private otherNames: readonly string[] | undefined;
  private otherPositions = NO_POSITIONS;

  constructor(
    private readonly family: string,
    private readonly allNames: readonly string[],
    private readonly series: SeriesIndex,
    private readonly admission: SeriesAdmission = NO_ADMISSION,
    /** The values of curried labels, by position. Default: none. */
    curried?: readonly (string | undefined)[],
  ) {
    if (curried === undefined) {
      this.curried = noneCurried[allNames.length] ??= allNames.map(() => undefined);
      this.labelNames = allNames;
      this.index = series;
      this.few = Math.min(allNames.length, MANY);
    } else {
      this.curried = curried;
      this.labelNames = allNames.filter((_, position) => curried[position] === undefined);
      this.index = this.isCurried ? new CurriedIndex(series, curried) : series;
      const { length } = this.labelNames;
      const isFew = this.isCurried ? length === 1 : length < MANY;
      this.few = isFew ? length : MANY;
    }
  }

  /** Whether some labels are already set. */
  get isCurried(): boolean {
    return this.labelNames.length < this.allNames.length;
  }

  /** Returns a reader of the labels that remain when some more are set. Throws LabelError for unknown ones. */
  curry(labels: object): LabelReader {
    const curried = [...this.curried];
    for (const [position, value] of this.partOfObject(labels)) curried[position] = value;
    return new LabelReader(this.family, this.allNames, this.series, this.admission, curried);
  }

  /** Takes a label value by its position, for `rowOfTaken`. */
  take(position: number, value: unknown): void {
    this.values ??= this.blank();
    this.values[position] = typeof value === 'string' ? value : this.stringOf(value, position);
  }

  /** Returns the row of the series with the first `count` values that were taken, which is added if it is new. */
  rowOfTaken(count: number): number {
    return this.rowOfArray(this.checkTaken(count));
  }

  /** Returns the row of the series with these labels, which is added if it is new. Reads each label once. */
  rowOf(labels: object): number {
    switch (this.few) {
      case 0:
        return this.rowOfNone(labels);
      case 1:
        return this.rowOfOne(labels);
      case 2:
        return this.rowOfTwo(labels);
      case 3:
        return this.rowOfThree(labels);
      default:
        return this.rowOfAny(labels);
    }
  }

  /** Whether `rowOfValues` may be called. */
  get takesThree(): boolean {
    return this.few === 3;
  }

  /** Returns the row of the series with three label values in order, which is added if it is new. */
  rowOfValues(a: unknown, b: unknown, c: unknown): number {
    const row = this.series.findThree(a, b, c);
    return row >= 0 ? row : this.rowOfFew(a, b, c);
  }

  private rowOfAny(labels: object): number {
    return this.rowOfArray(this.readObject(labels));
  }

  /** Returns the row of the series with these values, which are those in `values`. It is added if it is new. */
  private rowOfArray(labelValues: readonly string[]): number {
    const row = this.index.find(labelValues);
    return row >= 0 ? row : this.add();
  }

  // The next methods keep values in variables, because storing them in an array takes as long as looking them up.

  /** prom-client's `inc({}, 1)` on a family without labels. */
  private rowOfNone(labels: object): number {
    for (const _ in labels) return this.rowOfAny(labels);
    const row = this.series.findNone();
    return row >= 0 ? row : this.rowOfAny(labels);
  }

  private rowOfOne(labels: object): number {
    const name = this.labelNames[0];
    let value: unknown;
    let next = 0;
    for (const label in labels) {
      if (label !== name || next > 0) return this.rowOfAny(labels);
      value = (labels as Record<string, unknown>)[label];
      next += 1;
    }
    if (next === 0) return this.rowOfAny(labels);
    const row = this.index.findOne(value);
    return row >= 0 ? row : this.rowOfFew(value, undefined, undefined);
  }

  private rowOfTwo(labels: object): number {
    const { labelNames } = this;
    let a: unknown;
    let b: unknown;
    let next = 0;
    for (const label in labels) {
      if (label !== labelNames[next]) return this.rowOfOthers(labels, next, a, b);
      const value = (labels as Record<string, unknown>)[label];
      if (next === 0) a = value;
      else b = value;
      next += 1;
    }
    if (next < 2) return this.rowOfOthers(labels, next, a, b);
    const row = this.series.findTwo(a, b);
    return row >= 0 ? row : this.rowOfFew(a, b, undefined);
  }

  private rowOfThree(labels: object): number {
    const { labelNames } = this;
    let a: unknown;
    let b: unknown;
    let c: unknown;
    let next = 0;
    for (const label in labels) {
      if (label !== labelNames[next]) {
        return next === 0 && this.isInOtherOrder(labels)
          ? this.rowOfThreeInOtherOrder(labels)
          : this.rowOfOthers(labels, next, a, b);
      }
      const value = (labels as Record<string, unknown>)[label];
      if (next === 0) a = value;
      else if (next === 1) b = value;
      else c = value;
      next += 1;
    }
    if (next < 3) return this.rowOfOthers(labels, next, a, b);
    return this.rowOfValues(a, b, c);
  }

  /** Whether the labels come in the other order that an earlier call used. Reads no values. */
  private isInOtherOrder(labels: object): boolean {
    const { otherNames } = this;
    if (otherNames === undefined) return false;
    let next = 0;
    for (const label in labels) if (label !== otherNames[next++]) return false;
    return next === otherNames.length;
  }

  private rowOfThreeInOtherOrder(labels: object): number {
    const { otherPositions } = this;
    let a: unknown;
    let b: unknown;
    let c: unknown;
    let next = 0;
    for (const label in labels) {
      const value = (labels as Record<string, unknown>)[label];
      const position = otherPositions[next++];
      if (position === 0) a = value;
      else if (position === 1) b = value;
      else c = value;
    }
    return this.rowOfValues(a, b, c);
  }

  /** Returns the row for labels of which the first `read` came in order and have been read. */
  private rowOfOthers(labels: object, read: number, a: unknown, b: unknown): number {
    const labelValues = this.values ?? this.blank();
    this.values = undefined;
    if (read > 0) labelValues[0] = typeof a === 'string' ? a : this.stringOf(a, 0);
    if (read > 1) labelValues[1] = typeof b === 'string' ? b : this.stringOf(b, 1);
    this.readInAnyOrder(labels, labelValues, read);
    this.values = labelValues;
    if (read === 0 && this.otherNames === undefined) this.noteOrder(Object.keys(labels));
    return this.rowOfArray(labelValues);
  }

  private noteOrder(names: readonly string[]): void {
    if (names.length !== 3 || this.labelNames.length !== 3) return;
    this.otherNames = names;
    this.otherPositions = names.map((name) => this.labelNames.indexOf(name));
    if (this.otherPositions.includes(-1)) this.otherNames = undefined;
  }

  /** Returns the row for one to three values that the index does not know in the form in which they were passed. */
  private rowOfFew(a: unknown, b: unknown, c: unknown): number {
    const { few } = this;
    const labelValues = this.values ?? this.blank();
    this.values = labelValues;
    labelValues[0] = typeof a === 'string' ? a : this.stringOf(a, 0);
    if (few > 1) labelValues[1] = typeof b === 'string' ? b : this.stringOf(b, 1);
    if (few > 2) labelValues[2] = typeof c === 'string' ? c : this.stringOf(c, 2);
    if (labelValues[0] === a && (few < 2 || labelValues[1] === b) && (few < 3 || labelValues[2] === c))
      return this.add();
    const row = this.index.find(labelValues);
    if (row < 0) return this.add();
    if (typeof a === 'number') this.index.remember(0, a, labelValues[0]);
    if (typeof b === 'number') this.index.remember(1, b, labelValues[1]);
    if (typeof c === 'number') this.index.remember(2, c, labelValues[2]);
    return row;
  }

  /**
   * Returns the row of the series with the labels of two objects, either of which may be missing; the second takes
   * precedence. The series is added if it is new.
   */
  rowOfBoth(first: object | undefined, second: object | undefined): number {
    if (second === undefined || second === null) return this.rowOf(first ?? NO_LABELS);
    if (first === undefined || first === null) return this.rowOf(second);
    const labelValues = this.readObject(first);
    this.values = undefined;
    for (const label in second) {
      const position = this.labelNames.indexOf(label);
      const value = (second as Record<string, unknown>)[label];
      if (position >= 0) labelValues[position] = typeof value === 'string' ? value : this.stringOf(value, position);
      else if (value !== undefined && Object.hasOwn(second, label)) throw this.unknownLabel(label);
    }
    this.values = labelValues;
    return this.rowOfArray(labelValues);
  }

  /** Adds the series that was not found, and notes which of its label values are numbers. */
  private add(): number {
    const labelValues = this.values ?? this.blank();
    // A lone surrogate is replaced by U+FFFD, and a series with the new string may exist.
    const isNew = !this.isCurried && areWellFormed(labelValues);
    // A logger may be called while the series is added, and may record on the same metric.
    if (isNew) this.values = undefined;
    const row = this.admission.admit(isNew ? labelValues : this.lookedUp(), isNew);
    if (isNew) this.values = labelValues;
    if (this.numbers.length > 0) this.markNumbers(labelValues);
    return row;
  }

  private markNumbers(labelValues: readonly string[]): void {
    this.numbers.forEach((number, position) => {
      const value = labelValues[position];
      if (number === undefined || value !== String(number)) return;
      this.series.dictionaries[this.allNames.indexOf(this.labelNames[position])]?.markNumeric(value);
    });
    this.numbers = NO_NUMBERS;
  }

  private checkTaken(count: number): string[] {
    this.values ??= this.blank();
    if (count !== this.labelNames.length) throw this.wrongCount(this.values, count);
    return this.values;
  }

  private readObject(labels: object): string[] {
    const { labelNames } = this;
    const labelValues = this.values ?? this.blank();
    this.values = undefined;
    let next = 0;
    // Object literals have every label, and usually in order.
    for (const label in labels) {
      if (label !== labelNames[next]) {
        this.readInAnyOrder(labels, labelValues, next);
        next = labelNames.length;
        break;
      }
      const value = (labels as Record<string, unknown>)[label];
      labelValues[next] = typeof value === 'string' ? value : this.stringOf(value, next);
      next += 1;
    }
    if (next < labelNames.length) this.readInAnyOrder(labels, labelValues, next);
    this.values = labelValues;
    return labelValues;
  }

  /** Reads the labels from position `from` on, which may come in any order and be missing. */
  private readInAnyOrder(labels: object, labelValues: string[], from: number): void {
    const { labelNames } = this;
    const object = labels as Record<string, unknown>;
    this.inherited ??= labelNames.some((label) => label in Object.prototype);
    for (let i = from; i < labelNames.length; i++) {
      const label = labelNames[i];
      const value = this.inherited && !Object.hasOwn(object, label) ? undefined : object[label];
      labelValues[i] = typeof value === 'string' ? value : this.stringOf(value, i);
    }
    for (const label in object) {
      if (labelNames.includes(label) || object[label] === undefined) continue;
      if (Object.hasOwn(object, label)) throw this.unknownLabel(label);
    }
  }

  /**
   * Returns the label values of the last look-up as they appear on the page. They may belong to a series although the
   * look-up found none, because lone surrogates are replaced here.
   */
  private lookedUp(): string[] {
    let next = 0;
    const labelValues = this.values ?? this.blank();
    return this.curried.map((value) => value ?? wellFormed(labelValues[next++]));
  }

  /** Returns the label values of a label object or of values in order. Throws LabelError if they do not fit the family. */
  valuesOf(labels: readonly unknown[]): string[] {
    const [first] = labels;
    if (labels.length === 1 && typeof first === 'object' && first !== null) this.readObject(first);
    else {
      for (let i = 0; i < labels.length; i++) this.take(i, labels[i]);
      this.checkTaken(labels.length);
    }
    this.numbers = NO_NUMBERS;
    return this.lookedUp();
  }

  /** Returns position and value of each curried label and of each label in an object, which need not have all. */
  partOfObject(labels: object): (readonly [position: number, value: string])[] {
    const part: (readonly [position: number, value: string])[] = [];
    this.curried.forEach((value, position) => {
      if (value !== undefined) part.push([position, value]);
    });
    for (const [label, value] of Object.entries(labels)) {
      if (!this.labelNames.includes(label)) throw this.unknownLabel(label);
      part.push([this.allNames.indexOf(label), toLabelString(value, label, this.family)]);
    }
    return part;
  }

  private blank(): string[] {
    return this.labelNames.map(() => '');
  }

  private stringOf(value: unknown, position: number): string {
    if (typeof value === 'number') {
      if (this.numbers === NO_NUMBERS) this.numbers = [];
      this.numbers[position] = value;
    }
    return toLabelString(value, this.labelNames[position] ?? `#${position + 1}`, this.family);
  }

  private wrongCount(labelValues: string[], count: number): LabelError {
    const { family, labelNames } = this;
    const { length } = labelNames;
    const names = length === 0 ? 'no labels' : `${pluralize(length, 'label')} (${labelNames.join(', ')})`;
    const values = labelValues.slice(0, count);
    labelValues.length = labelNames.length;
    return new LabelError(`Metric "${family}" has ${names}, got ${pluralize(count, 'value')}: ${show(values)}.`);
  }

  private unknownLabel(label: string): LabelError {
    const { family, labelNames } = this;
    if (this.allNames.includes(label)) {
      return new LabelError(`Metric "${family}": label ${show(label)} was already given to curry(); leave it out.`);
    }
    const known = labelNames.length === 0 ? 'It has none.' : `Its labels: ${labelNames.join(', ')}.`;
    return new LabelError(
      `Metric "${family}" has no label ${show(label)}. ${known} Add it to labelNames or leave it out.`,
    );
  }
}
