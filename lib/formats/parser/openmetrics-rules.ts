import { ParseError, show } from '../../model/errors.js';
import type { FamilyType, Sample } from '../../model/family.js';
import { type FamilyRules, partLabel, type SampleCheck } from './family-rules.js';
import { HistogramCheck } from './histogram-check.js';
import { labelOf, seriesKey } from './label-set.js';
import { canonicalFloat, parseValue } from './numbers.js';
import { checkExemplar, checkLabels, checkValue } from './openmetrics-values.js';
import { SummaryCheck } from './summary-check.js';

const SUFFIXES: Record<FamilyType, readonly string[]> = {
  counter: ['_total', '_created'],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count', '_created'],
  gaugehistogram: ['_bucket', '_gsum', '_gcount'],
  info: ['_info'],
  stateset: [''],
  summary: ['', '_sum', '_count', '_created'],
  unknown: [''],
};

/**
 * The families of OpenMetrics 1.0 (sections Metric Types and Metric types).
 *
 * @param canonical Whether bucket bounds and quantiles have to be canonical, which binds exposers only.
 */
export function openMetricsRules(canonical: boolean): FamilyRules {
  return {
    suffixes: (type) => SUFFIXES[type],
    snapshotName: (name, type) => (type === 'counter' ? `${name}_total` : name),
    check: (name, type) => new PointsCheck(name, type, canonical),
  };
}

/**
 * The samples of one family. Those of a metric stand together, and within it those of one point in time, so only the
 * current point has to be kept (section MetricPoint).
 */
class PointsCheck implements SampleCheck {
  private readonly metrics = new Set<string>();
  private metric: string | undefined;
  private timestamp: number | undefined;
  private point: HistogramCheck | SummaryCheck | undefined;
  private readonly seen = new Set<string>();
  private lastLine = 0;
  private readonly title: string;

  constructor(
    private readonly name: string,
    private readonly type: FamilyType,
    private readonly canonical: boolean,
  ) {
    this.title = `${type} ${show(name)}`;
  }

  add(sample: Sample, suffix: string, line: number): void {
    checkLabels(sample, this.name, this.type, suffix, line);
    checkValue(sample, this.type, suffix, line);
    checkExemplar(sample, this.type, suffix, line);
    const label = partLabel(this.name, this.type, suffix);
    const part = label === undefined ? undefined : labelOf(sample.labels, label);
    if (this.canonical && part !== undefined && this.type !== 'stateset') checkCanonical(part, sample.name, line);
    const id = part === undefined ? suffix : `${suffix} ${part}`;
    this.enterPoint(seriesKey(sample.labels, label), sample, id, line);
    this.seen.add(id);
    this.lastLine = line;
    this.point?.add(sample, suffix, line);
  }

  /** Says that the point is complete. */
  end(): void {
    if (this.point instanceof HistogramCheck) this.point.end();
    if (this.type === 'counter' && !this.seen.has('_total')) {
      throw new ParseError(
        `expected ${this.title} to have a sample ${show(`${this.name}_total`)}, found none up to here`,
        this.lastLine,
      );
    }
  }

  private enterPoint(metric: string, sample: Sample, id: string, line: number): void {
    const { timestamp } = sample;
    if (metric !== this.metric) {
      if (this.metrics.has(metric)) {
        throw new ParseError(
          `expected all samples of one metric of ${this.title} together, found one more behind those of others`,
          line,
        );
      }
      this.metrics.add(metric);
      this.startPoint();
    } else if ((timestamp === undefined) !== (this.timestamp === undefined)) {
      throw new ParseError(
        `expected all samples of one metric of ${this.title} with a timestamp or none, found both`,
        line,
      );
    } else if (timestamp !== undefined && this.timestamp !== undefined && timestamp < this.timestamp) {
      throw new ParseError(
        `expected the timestamps of ${this.title} to increase, found ${timestamp / 1000} behind ${this.timestamp / 1000}`,
        line,
      );
    } else if (timestamp !== this.timestamp) {
      this.startPoint();
    } else if (this.seen.has(id)) {
      // Timestamps finer than a 64-bit float look equal here, so one seen before begins the next point.
      if (timestamp === undefined) {
        throw new ParseError(`expected each series once, found ${show(sample.name)} with the same labels twice`, line);
      }
      this.startPoint();
    }
    this.metric = metric;
    this.timestamp = timestamp;
  }

  private startPoint(): void {
    if (this.seen.size > 0) this.end();
    this.seen.clear();
    if (this.type === 'histogram' || this.type === 'gaugehistogram') {
      this.point = new HistogramCheck(this.title, { sumWithCount: true });
    } else if (this.type === 'summary') {
      this.point = new SummaryCheck(this.title, false);
    }
  }
}

function checkCanonical(text: string, sampleName: string, line: number): void {
  const value = parseValue(text);
  if (value === undefined) return;
  const canonical = canonicalFloat(value);
  if (text !== canonical) {
    throw new ParseError(
      `expected ${show(sampleName)} to have the canonical number ${show(canonical)}, found ${show(text)}`,
      line,
    );
  }
}
