import { ParseError, show } from '../../model/errors.js';
import type { Sample } from '../../model/family.js';
import { labelOf, parseValue } from './series-line.js';

/** Requirements of a format for histograms in addition to those for buckets and count. */
export interface HistogramDemands {
  /** Whether a sum must be present if and only if a count is, and must be absent if there are negative buckets. */
  readonly sumWithCount: boolean;
}

/** Checks the samples of one histogram (or gauge histogram) at one moment: buckets, count and sum. */
export class HistogramCheck {
  private bound: number | undefined;
  private cumulative = 0;
  private negativeBounds = false;
  private lastLine = 0;
  private readonly others = new Map<string, { readonly value: number; readonly line: number }>();

  constructor(
    private readonly title: string,
    private readonly demands: HistogramDemands,
  ) {}

  add(sample: Sample, suffix: string, line: number): void {
    this.lastLine = line;
    if (suffix === '_bucket') this.addBucket(sample, line);
    else if (this.others.has(suffix))
      throw new ParseError(`expected each series once, found ${show(sample.name)} twice`, line);
    else this.others.set(suffix, { value: sample.value, line });
  }

  end(): void {
    if (this.bound !== Infinity) {
      throw new ParseError(`expected ${this.title} to have a bucket le="+Inf", found none up to here`, this.lastLine);
    }
    const count = this.others.get('_count') ?? this.others.get('_gcount');
    if (count && count.value !== this.cumulative) {
      const { value, line } = count;
      throw new ParseError(
        `expected the count of ${this.title} to equal its bucket le="+Inf", ${this.cumulative}, found ${value}`,
        line,
      );
    }
    if (this.demands.sumWithCount) this.checkSum(count?.line);
  }

  private addBucket(sample: Sample, line: number): void {
    const bound = readBound(sample, line);
    if (this.bound !== undefined && bound <= this.bound) {
      throw new ParseError(
        `expected the buckets of ${this.title} in increasing order, found le ${show(labelOf(sample.labels, 'le'))} after ${this.bound}`,
        line,
      );
    }
    // Negated, because NaN must fail too.
    if (!(sample.value >= this.cumulative)) {
      throw new ParseError(
        `expected the buckets of ${this.title} to be cumulative, at least ${this.cumulative} here, found ${sample.value}`,
        line,
      );
    }
    this.bound = bound;
    this.cumulative = sample.value;
    if (bound < 0) this.negativeBounds = true;
  }

  private checkSum(countLine: number | undefined): void {
    const sum = this.others.get('_sum');
    const gaugeSum = this.others.get('_gsum');
    const sumLine = (sum ?? gaugeSum)?.line;
    if (sumLine !== undefined && countLine === undefined) {
      throw new ParseError(`expected ${this.title} to have a count with its sum, found none`, sumLine);
    }
    if (countLine !== undefined && sumLine === undefined) {
      throw new ParseError(`expected ${this.title} to have a sum with its count, found none`, countLine);
    }
    if (sum && this.negativeBounds) {
      throw new ParseError(`expected ${this.title} to have no sum, as it has buckets below zero, found one`, sum.line);
    }
    if (gaugeSum && gaugeSum.value < 0 && !this.negativeBounds) {
      throw new ParseError(
        `expected ${this.title} to have a sum of at least 0, as it has no buckets below zero, found ${gaugeSum.value}`,
        gaugeSum.line,
      );
    }
  }
}

/** Returns the upper bound of a bucket: any number but NaN; infinity must be written `+Inf`. */
export function readBound(sample: Sample, line: number): number {
  const text = labelOf(sample.labels, 'le');
  if (text === undefined) throw new ParseError(`expected ${show(sample.name)} to have a label "le", found none`, line);
  const bound = parseValue(text);
  if (bound === undefined || Number.isNaN(bound) || (bound === Infinity && text !== '+Inf')) {
    throw new ParseError(
      `expected label "le" of ${show(sample.name)} to be a number or "+Inf", found ${show(text)}`,
      line,
    );
  }
  return bound;
}

/** Checks the samples of one summary at one moment: quantiles, count and sum. */
export class SummaryCheck {
  private last = Number.NEGATIVE_INFINITY;
  private readonly quantiles = new Set<number>();
  private readonly others = new Set<string>();

  constructor(
    private readonly title: string,
    /** Whether quantiles must be in increasing order. */
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
        `expected the quantiles of ${this.title} in increasing order, found ${quantile} after ${this.last}`,
        line,
      );
    }
    this.quantiles.add(quantile);
    this.last = quantile;
  }
}

/** Returns the rank of a summary's sample, from 0 to 1. */
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
