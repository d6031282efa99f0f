import { counted, LabelError, show } from '../model/errors.js';
import { toLabelString } from '../model/labels.js';
import { areWellFormed, wellFormed } from '../model/names.js';
import type { SeriesIndex } from '../store/series-index.js';
import { CurriedIndex } from '../store/series-index.js';

/** The labels of a series without labels. */
export const NO_LABELS: Readonly<Record<string, never>> = Object.freeze({});

/** Adds the series for the labels that a caller passed. */
export interface SeriesAdmission {
  /**
   * Returns the row of a series. If `isNew`, it is added without being looked up again; otherwise, only if it is not
   * found.
   */
  admit(texts: readonly string[], isNew: boolean): number;
}

/** Never adds a series. */
const NO_ADMISSION: SeriesAdmission = { admit: () => -1 };

/** For each number of labels, a shared array for readers without curried values. */
const noneGiven: (readonly undefined[])[] = [];

/** Shared by look-ups without numbers, and by families whose labels always come in order. */
const NO_NUMBERS: (number | undefined)[] = [];
const NO_POSITIONS: readonly number[] = [];

/** From this many labels on, values are read into an array. */
const MANY = 4;

/**
 * Finds the row of a series by the labels that a caller passes, and throws LabelError for invalid ones. A look-up
 * allocates nothing; the values that it has read stay in `texts` until the next one.
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
  private texts: string[] | undefined;
  /** The last number that was passed for each label. */
  private numbers = NO_NUMBERS;
  /** The values of curried labels, by position. */
  private readonly given: readonly (string | undefined)[];
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
    given?: readonly (string | undefined)[],
  ) {
    if (given === undefined) {
      this.given = noneGiven[allNames.length] ??= allNames.map(() => undefined);
      this.labelNames = allNames;
      this.index = series;
      this.few = Math.min(allNames.length, MANY);
    } else {
      this.given = given;
      this.labelNames = allNames.filter((_, position) => given[position] === undefined);
      this.index = this.isCurried ? new CurriedIndex(series, given) : series;
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
    const given = [...this.given];
    for (const [position, text] of this.partOfObject(labels)) given[position] = text;
    return new LabelReader(this.family, this.allNames, this.series, this.admission, given);
  }

  /** Takes a label value by its position, for `rowOfTaken`. */
  take(position: number, value: unknown): void {
    this.texts ??= this.blank();
    this.texts[position] = typeof value === 'string' ? value : this.textOf(value, position);
  }

  /** Returns the row of the series with the first `count` values that were taken, which is added if it is new. */
  rowOfTaken(count: number): number {
    return this.rowOfTexts(this.checkTaken(count));
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
    return this.rowOfTexts(this.readObject(labels));
  }

  /** Returns the row of the series with these values, which are those in `texts`. It is added if it is new. */
  private rowOfTexts(texts: readonly string[]): number {
    const row = this.index.find(texts);
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
    const texts = this.texts ?? this.blank();
    this.texts = undefined;
    if (read > 0) texts[0] = typeof a === 'string' ? a : this.textOf(a, 0);
    if (read > 1) texts[1] = typeof b === 'string' ? b : this.textOf(b, 1);
    this.readInAnyOrder(labels, texts, read);
    this.texts = texts;
    if (read === 0 && this.otherNames === undefined) this.noteOrder(Object.keys(labels));
    return this.rowOfTexts(texts);
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
    const texts = this.texts ?? this.blank();
    this.texts = texts;
    texts[0] = typeof a === 'string' ? a : this.textOf(a, 0);
    if (few > 1) texts[1] = typeof b === 'string' ? b : this.textOf(b, 1);
    if (few > 2) texts[2] = typeof c === 'string' ? c : this.textOf(c, 2);
    if (texts[0] === a && (few < 2 || texts[1] === b) && (few < 3 || texts[2] === c)) return this.add();
    const row = this.index.find(texts);
    if (row < 0) return this.add();
    if (typeof a === 'number') this.index.remember(0, a, texts[0]);
    if (typeof b === 'number') this.index.remember(1, b, texts[1]);
    if (typeof c === 'number') this.index.remember(2, c, texts[2]);
    return row;
  }

  /**
   * Returns the row of the series with the labels of two objects, either of which may be missing; the second takes
   * precedence. The series is added if it is new.
   */
  rowOfBoth(first: object | undefined, second: object | undefined): number {
    if (second === undefined || second === null) return this.rowOf(first ?? NO_LABELS);
    if (first === undefined || first === null) return this.rowOf(second);
    const texts = this.readObject(first);
    this.texts = undefined;
    for (const label in second) {
      const position = this.labelNames.indexOf(label);
      const value = (second as Record<string, unknown>)[label];
      if (position >= 0) texts[position] = typeof value === 'string' ? value : this.textOf(value, position);
      else if (value !== undefined && Object.hasOwn(second, label)) throw this.unknownLabel(label);
    }
    this.texts = texts;
    return this.rowOfTexts(texts);
  }

  /** Adds the series that was not found, and notes which of its label values are numbers. */
  private add(): number {
    const texts = this.texts ?? this.blank();
    // A lone surrogate is replaced by U+FFFD, and a series with the new string may exist.
    const isNew = !this.isCurried && areWellFormed(texts);
    // A logger may be called while the series is added, and may record on the same metric.
    if (isNew) this.texts = undefined;
    const row = this.admission.admit(isNew ? texts : this.lookedUp(), isNew);
    if (isNew) this.texts = texts;
    if (this.numbers.length > 0) this.markNumbers(texts);
    return row;
  }

  private markNumbers(texts: readonly string[]): void {
    this.numbers.forEach((number, position) => {
      const text = texts[position];
      if (number === undefined || text !== String(number)) return;
      this.series.dictionaries[this.allNames.indexOf(this.labelNames[position])]?.markNumeric(text);
    });
    this.numbers = NO_NUMBERS;
  }

  private checkTaken(count: number): string[] {
    this.texts ??= this.blank();
    if (count !== this.labelNames.length) throw this.wrongCount(this.texts, count);
    return this.texts;
  }

  private readObject(labels: object): string[] {
    const { labelNames } = this;
    const texts = this.texts ?? this.blank();
    this.texts = undefined;
    let next = 0;
    // Object literals have every label, and usually in order.
    for (const label in labels) {
      if (label !== labelNames[next]) {
        this.readInAnyOrder(labels, texts, next);
        next = labelNames.length;
        break;
      }
      const value = (labels as Record<string, unknown>)[label];
      texts[next] = typeof value === 'string' ? value : this.textOf(value, next);
      next += 1;
    }
    if (next < labelNames.length) this.readInAnyOrder(labels, texts, next);
    this.texts = texts;
    return texts;
  }

  /** Reads the labels from position `from` on, which may come in any order and be missing. */
  private readInAnyOrder(labels: object, texts: string[], from: number): void {
    const { labelNames } = this;
    const given = labels as Record<string, unknown>;
    this.inherited ??= labelNames.some((label) => label in Object.prototype);
    for (let i = from; i < labelNames.length; i++) {
      const label = labelNames[i];
      const value = this.inherited && !Object.hasOwn(given, label) ? undefined : given[label];
      texts[i] = typeof value === 'string' ? value : this.textOf(value, i);
    }
    for (const label in given) {
      if (labelNames.includes(label) || given[label] === undefined) continue;
      if (Object.hasOwn(given, label)) throw this.unknownLabel(label);
    }
  }

  /**
   * Returns the label values of the last look-up as they appear on the page. They may belong to a series although the
   * look-up found none, because lone surrogates are replaced here.
   */
  private lookedUp(): string[] {
    let next = 0;
    const texts = this.texts ?? this.blank();
    return this.given.map((text) => text ?? wellFormed(texts[next++]));
  }

  /** Returns the label values of a label object or of values in order. Throws LabelError if they do not fit the family. */
  textsOf(given: readonly unknown[]): string[] {
    const [first] = given;
    if (given.length === 1 && typeof first === 'object' && first !== null) this.readObject(first);
    else {
      for (let i = 0; i < given.length; i++) this.take(i, given[i]);
      this.checkTaken(given.length);
    }
    this.numbers = NO_NUMBERS;
    return this.lookedUp();
  }

  /** Returns position and value of each curried label and of each label in an object, which need not have all. */
  partOfObject(labels: object): (readonly [position: number, text: string])[] {
    const part: (readonly [position: number, text: string])[] = [];
    this.given.forEach((text, position) => {
      if (text !== undefined) part.push([position, text]);
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

  private textOf(value: unknown, position: number): string {
    if (typeof value === 'number') {
      if (this.numbers === NO_NUMBERS) this.numbers = [];
      this.numbers[position] = value;
    }
    return toLabelString(value, this.labelNames[position] ?? `#${position + 1}`, this.family);
  }

  private wrongCount(texts: string[], count: number): LabelError {
    const { family, labelNames } = this;
    const { length } = labelNames;
    const names = length === 0 ? 'no labels' : `${counted(length, 'label')} (${labelNames.join(', ')})`;
    const values = texts.slice(0, count);
    texts.length = labelNames.length;
    return new LabelError(`Metric "${family}" has ${names}, got ${counted(count, 'value')}: ${show(values)}.`);
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
