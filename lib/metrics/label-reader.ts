import { LabelError, show } from '../model/errors.js';
import { labelText } from '../model/labels.js';
import type { SeriesIndex } from '../store/series-index.js';

/** Whether `labels(…)` was given a label object and not values in order. */
export function isLabelObject(given: readonly unknown[]): given is readonly [object] {
  return given.length === 1 && typeof given[0] === 'object' && given[0] !== null;
}

/** Turns what callers give as labels into the row of a series, and says clearly what is wrong with it otherwise. */
export class LabelReader {
  /** A label that every object has by inheritance (`constructor`, `toString`) asks for a stricter look. */
  private readonly inherited: boolean;

  constructor(
    private readonly family: string,
    private readonly labelNames: readonly string[],
    private readonly index: SeriesIndex,
  ) {
    this.inherited = labelNames.some((label) => label in Object.prototype);
  }

  /** The row of a series by its label values in order, or -1. */
  rowOfValues(values: readonly unknown[]): number {
    const { labelNames, index } = this;
    if (values.length !== labelNames.length) throw this.wrongCount(values);
    for (let i = 0; i < labelNames.length; i++) {
      const value = values[i];
      index.seek(i, typeof value === 'string' ? value : labelText(value, labelNames[i], this.family));
    }
    return index.find();
  }

  /** The row of a series by its label object, or -1. */
  rowOfObject(labels: object): number {
    const { labelNames, index } = this;
    const given = this.view(labels);
    let surplus = 0;
    for (let i = 0; i < labelNames.length; i++) {
      const value = given[labelNames[i]];
      if (value !== undefined) surplus--;
      index.seek(i, typeof value === 'string' ? value : labelText(value, labelNames[i], this.family));
    }
    for (const label in given) if (given[label] !== undefined) surplus++;
    if (surplus !== 0) this.refuseUnknown(given);
    return index.find();
  }

  /** The texts of label values in order. */
  textsOfValues(values: readonly unknown[]): string[] {
    return this.labelNames.map((label, i) => labelText(values[i], label, this.family));
  }

  /** The texts of a label object in the order of the family's labels. */
  textsOfObject(labels: object): string[] {
    const given = this.view(labels);
    return this.labelNames.map((label) => labelText(given[label], label, this.family));
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
    for (let i = 0; i < texts.length; i++) this.index.seek(i, texts[i]);
    return this.index.find();
  }

  /** The position and the text of each label of a label object that need not be whole. */
  partOfObject(labels: object): (readonly [position: number, text: string])[] {
    return Object.entries(labels).map(([label, value]) => {
      const position = this.labelNames.indexOf(label);
      if (position < 0) throw this.unknownLabel(label);
      return [position, labelText(value, label, this.family)] as const;
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
