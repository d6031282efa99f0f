import { ParseError, show } from '../../model/errors.js';
import type { FamilyType, Sample } from '../../model/family.js';
import { type FamilyRules, partLabel, type SampleCheck } from './family-rules.js';
import { HistogramCheck } from './histogram-check.js';
import { labelOf, seriesKey } from './label-set.js';
import { SummaryCheck } from './summary-check.js';

const HISTOGRAM = ['_bucket', '_sum', '_count'];
const SUMMARY = ['', '_sum', '_count'];
const PLAIN = [''];

/** The families of text 0.0.4 (sections Grouping and sorting, Histograms and summaries). */
export const TEXT_RULES: FamilyRules = {
  suffixes(type) {
    if (type === 'histogram') return HISTOGRAM;
    return type === 'summary' ? SUMMARY : PLAIN;
  },
  snapshotName: (name) => name,
  check(name, type) {
    return type === 'histogram' || type === 'summary' ? new ComposedCheck(name, type) : new PlainCheck();
  },
};

/** Counters, gauges and untyped: each line is a series of its own. */
class PlainCheck implements SampleCheck {
  private readonly seen = new Set<string>();

  add(sample: Sample, _suffix: string, line: number): void {
    const key = seriesKey(sample.labels);
    if (this.seen.has(key)) {
      throw new ParseError(`expected each series once, found ${show(sample.name)} with the same labels twice`, line);
    }
    this.seen.add(key);
  }

  end(): void {}
}

/** Histograms and summaries: several lines make one, and the lines of several may be mixed. */
class ComposedCheck implements SampleCheck {
  private readonly parts = new Map<string, HistogramCheck | SummaryCheck>();

  constructor(
    private readonly name: string,
    private readonly type: FamilyType,
  ) {}

  add(sample: Sample, suffix: string, line: number): void {
    const label = partLabel(this.name, this.type, suffix);
    const reserved = this.type === 'histogram' ? 'le' : 'quantile';
    if (label === undefined && labelOf(sample.labels, reserved) !== undefined) {
      throw new ParseError(`expected ${show(sample.name)} to have no label "${reserved}", found one`, line);
    }
    const key = seriesKey(sample.labels, label);
    let part = this.parts.get(key);
    if (!part) {
      part = this.makePart();
      this.parts.set(key, part);
    }
    part.add(sample, suffix, line);
  }

  end(): void {
    for (const part of this.parts.values()) {
      if (part instanceof HistogramCheck) part.end();
    }
  }

  private makePart(): HistogramCheck | SummaryCheck {
    const title = `${this.type} ${show(this.name)}`;
    return this.type === 'histogram'
      ? new HistogramCheck(title, { sumWithCount: false })
      : new SummaryCheck(title, true);
  }
}
