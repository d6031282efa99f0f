import { ParseError, show } from '../../model/errors.js';
import type { Sample } from '../../model/family.js';
import { labelOf } from './label-set.js';
import { parseValue } from './numbers.js';

/** The samples of one summary at one moment: quantiles, count and sum. */
export class SummaryCheck {
  private last = Number.NEGATIVE_INFINITY;
  private readonly quantiles = new Set<number>();
  private readonly others = new Set<string>();

  constructor(
    private readonly title: string,
    /** Whether quantiles have to stand in increasing order. */
    private readonly ordered: boolean,
  ) {}

  add(sample: Sample, suffix: string, line: number): void {
    if (suffix === '') this.addQuantile(sample, line);
    else if (this.others.has(suffix))
      throw new ParseError(`expected each series once, found ${show(sample.name)} twice`, line);
    else this.others.add(suffix);
  }

  private addQuantile(sample: Sample, line: number): void {
    const quantile = readQuantile(sample, line);
    if (this.quantiles.has(quantile)) {
      throw new ParseError(`expected each quantile of ${this.title} once, found ${quantile} twice`, line);
    }
    if (this.ordered && quantile < this.last) {
      throw new ParseError(
        `expected the quantiles of ${this.title} in increasing order, found ${quantile} behind ${this.last}`,
        line,
      );
    }
    this.quantiles.add(quantile);
    this.last = quantile;
  }
}

/** The quantile that a summary's sample gives: a number from 0 to 1. */
export function readQuantile(sample: Sample, line: number): number {
  const text = labelOf(sample.labels, 'quantile');
  if (text === undefined)
    throw new ParseError(`expected ${show(sample.name)} to have a label "quantile", found none`, line);
  const quantile = parseValue(text);
  if (quantile === undefined || !(quantile >= 0 && quantile <= 1)) {
    throw new ParseError(
      `expected label "quantile" of ${show(sample.name)} to be from 0 to 1, found ${show(text)}`,
      line,
    );
  }
  return quantile;
}
