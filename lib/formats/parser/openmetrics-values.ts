import { ParseError, show } from '../../model/errors.js';
import { EXEMPLAR_LIMIT, exemplarLength } from '../../model/exemplar.js';
import type { FamilyType, Sample } from '../../model/family.js';
import { readBound } from './histogram-check.js';
import { labelOf } from './label-set.js';

/** What OpenMetrics 1.0 asks of a value, by the type of the family and the suffix of the sample (section Metric Types). */
export function checkValue(sample: Sample, type: FamilyType, suffix: string, line: number): void {
  const { name, value } = sample;
  const refuse = (expected: string): never => {
    throw new ParseError(`expected ${show(name)} to be ${expected}, found ${value}`, line);
  };
  if (type === 'info' && value !== 1) refuse('1, as info samples are');
  if (type === 'stateset' && value !== 0 && value !== 1) refuse('0 or 1, as states are');
  if (suffix === '_created' && !Number.isFinite(value)) refuse('a time in seconds');
  if (suffix === '_gsum' && Number.isNaN(value)) refuse('a number');
  if (suffix === '_total' || suffix === '_sum') {
    if (!(value >= 0)) refuse('a number of at least 0');
  }
  if (suffix === '_count' || suffix === '_gcount' || suffix === '_bucket') {
    if (!(Number.isInteger(value) && value >= 0)) refuse('a whole number of at least 0');
  }
  if (type === 'summary' && suffix === '' && value < 0) refuse('at least 0 or NaN, as quantile values are');
}

/** What OpenMetrics 1.0 asks of labels: those that tell the parts of a point apart stand where they belong and nowhere else. */
export function checkLabels(sample: Sample, family: string, type: FamilyType, suffix: string, line: number): void {
  const { name, labels } = sample;
  const reserved =
    type === 'histogram' || type === 'gaugehistogram' ? 'le' : type === 'summary' ? 'quantile' : undefined;
  const isPart = suffix === '_bucket' || suffix === '';
  if (reserved && !isPart && labelOf(labels, reserved) !== undefined) {
    throw new ParseError(`expected ${show(name)} to have no label "${reserved}", found one`, line);
  }
  if (type === 'stateset' && labelOf(labels, family) === undefined) {
    throw new ParseError(
      `expected stateset ${show(family)} to have a label ${show(family)} with the state, found none`,
      line,
    );
  }
}

/** What OpenMetrics 1.0 asks of exemplars (sections Exemplars and Histogram). */
export function checkExemplar(sample: Sample, type: FamilyType, suffix: string, line: number): void {
  const { exemplar } = sample;
  if (!exemplar) return;
  const onBucket = suffix === '_bucket';
  if (!onBucket && suffix !== '_total') {
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
  if (onBucket && !(exemplar.value <= readBound(sample, line))) {
    const bound = labelOf(sample.labels, 'le');
    throw new ParseError(`expected an exemplar inside of its bucket, at most ${bound}, found ${exemplar.value}`, line);
  }
}
