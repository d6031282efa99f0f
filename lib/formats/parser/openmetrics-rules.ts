import { ParseError, show } from '../../model/errors.js';
import { EXEMPLAR_LIMIT, exemplarLength } from '../../model/exemplar.js';
import type { Sample } from '../../model/family.js';
import { type FamilyType, reservedLabelOf, TYPE_RULES } from '../../model/family-types.js';
import { type FamilyRules, partLabel, type SampleCheck } from './families.js';
import { HistogramCheck, readBound, SummaryCheck } from './series-checks.js';
import { canonicalNumber, labelOf, labelsKey, parseValue } from './series-line.js';

/**
 * The rules of OpenMetrics 1.0 for families (sections Metric Types and Metric types).
 *
 * @param canonical Whether bucket bounds and quantiles must be canonical, which is required of exposers only.
 */
export function openMetricsRules(canonical: boolean): FamilyRules {
  return {
    suffixes: suffixesOf,
    snapshotName: (name, type) => name + TYPE_RULES[type].requiredSuffix,
    check: (name, type) => new PointsCheck(name, type, canonical),
  };
}

function suffixesOf(type: FamilyType): readonly string[] {
  const { suffixes, requiredSuffix, cumulative } = TYPE_RULES[type];
  return [...suffixes.map((suffix) => requiredSuffix + suffix), ...(cumulative ? ['_created'] : [])];
}

/**
 * Checks the samples of one family. Those of one metric must be contiguous, and so must those of one point in time, so
 * only the current point is kept (section MetricPoint).
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
    if (this.canonical && part !== undefined && reservedLabelOf(this.type) !== undefined)
      checkCanonical(part, sample.name, line);
    const id = part === undefined ? suffix : `${suffix} ${part}`;
    this.enterPoint(labelsKey(sample.labels, label), sample, id, line);
    this.seen.add(id);
    this.lastLine = line;
    this.point?.add(sample, suffix, line);
  }

  /** Called when the current point is complete. */
  end(): void {
    if (this.point instanceof HistogramCheck) this.point.end();
    const { requiredSuffix } = TYPE_RULES[this.type];
    if (requiredSuffix !== '' && !this.seen.has(requiredSuffix)) {
      throw new ParseError(
        `expected ${this.title} to have a sample ${show(this.name + requiredSuffix)}, found none up to here`,
        this.lastLine,
      );
    }
  }

  private enterPoint(metric: string, sample: Sample, id: string, line: number): void {
    const { timestamp } = sample;
    if (metric !== this.metric) {
      if (this.metrics.has(metric)) {
        throw new ParseError(
          `expected all samples of one metric of ${this.title} together, found another after those of others`,
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
        `expected the timestamps of ${this.title} to increase, found ${timestamp / 1000} after ${this.timestamp / 1000}`,
        line,
      );
    } else if (timestamp !== this.timestamp) {
      this.startPoint();
    } else if (this.seen.has(id)) {
      // Different timestamps may be the same 64-bit float, so a repeated sample begins the next point.
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
    const { lines } = TYPE_RULES[this.type];
    if (lines === 'buckets') this.point = new HistogramCheck(this.title, { sumWithCount: true });
    else if (lines === 'quantiles') this.point = new SummaryCheck(this.title, false);
  }
}

function checkCanonical(text: string, sampleName: string, line: number): void {
  const value = parseValue(text);
  if (value === undefined) return;
  const canonical = canonicalNumber(value);
  if (text !== canonical) {
    throw new ParseError(
      `expected ${show(sampleName)} to have the canonical number ${show(canonical)}, found ${show(text)}`,
      line,
    );
  }
}

/**
 * Checks a value by the rules of OpenMetrics 1.0 for the type of the family and the suffix of the sample (section
 * Metric Types).
 */
export function checkValue(sample: Sample, type: FamilyType, suffix: string, line: number): void {
  const { name, value } = sample;
  const refuse = (expected: string): never => {
    throw new ParseError(`expected ${show(name)} to be ${expected}, found ${value}`, line);
  };
  const { lines, suffixes } = TYPE_RULES[type];
  if (suffixes.includes('_info') && value !== 1) refuse('1, as info samples are');
  if (lines === 'states' && value !== 0 && value !== 1) refuse('0 or 1, as states are');
  if (suffix === '_created' && !Number.isFinite(value)) refuse('a time in seconds');
  if (suffix === '_gsum' && Number.isNaN(value)) refuse('a number');
  if (suffix === '_total' || suffix === '_sum') {
    if (!(value >= 0)) refuse('a number of at least 0');
  }
  if (suffix === '_count' || suffix === '_gcount' || suffix === '_bucket') {
    if (!(Number.isInteger(value) && value >= 0)) refuse('a whole number of at least 0');
  }
  if (lines === 'quantiles' && suffix === '' && value < 0) refuse('at least 0 or NaN, as quantile values are');
}

/** Checks that `le`, `quantile` and state labels are present where OpenMetrics 1.0 requires them, and nowhere else. */
export function checkLabels(sample: Sample, family: string, type: FamilyType, suffix: string, line: number): void {
  const { name, labels } = sample;
  const reserved = reservedLabelOf(type);
  const isPart = suffix === '_bucket' || suffix === '';
  if (reserved && !isPart && labelOf(labels, reserved) !== undefined) {
    throw new ParseError(`expected ${show(name)} to have no label "${reserved}", found one`, line);
  }
  if (TYPE_RULES[type].lines === 'states' && labelOf(labels, family) === undefined) {
    throw new ParseError(
      `expected stateset ${show(family)} to have a label ${show(family)} with the state, found none`,
      line,
    );
  }
}

/** Checks an exemplar by the rules of OpenMetrics 1.0 (sections Exemplars and Histogram). */
export function checkExemplar(sample: Sample, type: FamilyType, suffix: string, line: number): void {
  const { exemplar } = sample;
  if (!exemplar) return;
  const { exemplarSuffix, requiredSuffix } = TYPE_RULES[type];
  if (exemplarSuffix === undefined || suffix !== requiredSuffix + exemplarSuffix) {
    throw new ParseError(
      `expected exemplars only on _total of counters and _bucket of histograms, found one on ${show(sample.name)} of type ${type}`,
      line,
    );
  }
  const length = exemplarLength(exemplar.labels);
  if (length > EXEMPLAR_LIMIT) {
    throw new ParseError(
      `expected the labels of an exemplar to have at most ${EXEMPLAR_LIMIT} code points, found ${length}`,
      line,
    );
  }
  if (suffix === '_bucket' && !(exemplar.value <= readBound(sample, line))) {
    const bound = labelOf(sample.labels, 'le');
    throw new ParseError(`expected an exemplar inside of its bucket, at most ${bound}, found ${exemplar.value}`, line);
  }
}
