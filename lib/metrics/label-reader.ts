import { LabelError, show } from '../model/errors.js';
import { toLabelString } from '../model/labels.js';
import type { SeriesIndex } from '../store/series-index.js';

/** Whether `labels(…)` was given a label object and not values in order. */
export function isLabelObject(given: readonly unknown[]): given is readonly [object] {
  return given.length === 1 && typeof given[0] === 'object' && given[0] !== null;
}

/** Turns what callers give as labels into the row of a series, and says clearly what is wrong with it otherwise. */
export class LabelReader {
  /** A label that every object has by inheritance (`constructor`, `toString`) asks for a stricter look. */
  private readonly inherited: boolean;
  /** The texts of the object that is looked up. */
  private readonly texts: string[];

  constructor(
    private readonly family: string,
    private readonly labelNames: readonly string[],
    private readonly index: SeriesIndex,
  ) {
    this.texts = labelNames.map(() => '');
    this.inherited = labelNames.some((label) => label in Object.prototype);
  }

  /** The row of a series by its label values in order, or -1. */
  rowOfValues(values: readonly unknown[]): number {
    if (values.length !== this.labelNames.length) throw this.wrongCount(values);
    for (let i = 0; i < values.length; i++) {
      if (typeof values[i] !== 'string') return this.index.find(this.textsOfValues(values));
    }
    return this.index.find(values as readonly string[]);
  }

  /** The row of a series by its label object, or -1. */
  rowOfObject(labels: object): number {
    const { labelNames, texts, family } = this;
    let next = 0;
    // Where a call is written out in the code, all labels are there, and mostly in order.
    for (const label in labels) {
      if (label !== labelNames[next]) return this.rowOfOddObject(labels);
      const value = (labels as Record<string, unknown>)[label];
      texts[next++] = typeof value === 'string' ? value : toLabelString(value, label, family);
    }
    return next === labelNames.length ? this.index.find(texts) : this.rowOfOddObject(labels);
  }

  /** The same for labels in any order, of which some may be missing. */
  private rowOfOddObject(labels: object): number {
    const { labelNames } = this;
    const given = this.view(labels);
    const texts = this.textsOfObject(labels);
    let surplus = 0;
    for (const label of labelNames) if (given[label] !== undefined) surplus--;
    for (const label in given) if (given[label] !== undefined) surplus++;
    if (surplus !== 0) this.refuseUnknown(given);
    return this.index.find(texts);
  }

  /** The texts of label values in order. */
  textsOfValues(values: readonly unknown[]): string[] {
    return this.labelNames.map((label, i) => toLabelString(values[i], label, this.family));
  }

  /** The texts of a label object in the order of the family's labels. */
  textsOfObject(labels: object): string[] {
    const given = this.view(labels);
    return this.labelNames.map((label) => toLabelString(given[label], label, this.family));
  }

  /** The texts of labels that were given as an object or as values in order. Throws LabelError where they do not fit. */
  textsOf(given: readonly unknown[]): string[] {
    if (!isLabelObject(given)) {
      this.rowOfValues(given);
      return this.textsOfValues(given);
    }
    this.rowOfObject(given[0]);
    return this.textsOfObject(given[0]);
  }

  /** The row of a series by the texts that stand on its page, or -1. */
  rowOfTexts(texts: readonly string[]): number {
    return this.index.find(texts);
  }

  /** The position and the text of each label of a label object that need not be whole. */
  partOfObject(labels: object): (readonly [position: number, text: string])[] {
    return Object.entries(labels).map(([label, value]) => {
      const position = this.labelNames.indexOf(label);
      if (position < 0) throw this.unknownLabel(label);
      return [position, toLabelString(value, label, this.family)] as const;
    });
  }

  private view(labels: object): Record<string, unknown> {
    return (this.inherited ? Object.assign(Object.create(null), labels) : labels) as Record<string, unknown>;
  }

  private wrongCount(values: readonly unknown[]): LabelError {
    const { family, labelNames } = this;
    const takes = labelNames.length === 0 ? 'has no labels' : `takes ${labelNames.length} (${labelNames.join(', ')})`;
    return new LabelError(`Metric "${family}" ${takes}, but got ${values.length} label values: ${show(values)}.`);
  }

  private refuseUnknown(given: Record<string, unknown>): void {
    for (const label of Object.keys(given)) {
      if (given[label] !== undefined && !this.labelNames.includes(label)) throw this.unknownLabel(label);
    }
  }

  private unknownLabel(label: string): LabelError {
    const { family, labelNames } = this;
    const known = labelNames.length === 0 ? 'it has none' : `it has ${labelNames.join(', ')}`;
    return new LabelError(
      `Metric "${family}" has no label ${show(label)}: ${known}. Add it to labelNames or leave it out.`,
    );
  }
}
