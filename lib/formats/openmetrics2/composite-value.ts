import type { Exemplar } from '../../model/exemplar.js';
import type { FamilyType } from '../../model/family.js';
import { type NativeHistogram, NativeReading } from '../../model/native-histogram.js';
import type { Escaping } from '../escaping.js';
import { formatLabels } from '../line.js';
import type { CompositeData } from '../sorted-samples.js';
import { Spans } from '../spans.js';
import { numberText } from '../write-number.js';

const reading = new NativeReading();
const spans = new Spans();

/** All that one histogram or summary says, without white space (OpenMetrics 2.0, section CompositeValues). */
export function compositeValue(type: FamilyType, data: CompositeData): string {
  const { count, sum, steps, values, native } = data;
  const lines = steps.map((step, i) => `${step}:${numberText(values[i])}`).join(',');
  const gauge = type === 'gaugehistogram' ? 'g' : '';
  const fields = [`${gauge}count:${numberText(native?.count ?? count)}`, `${gauge}sum:${numberText(sum)}`];
  if (native !== undefined) fields.push(...nativeFields(native));
  if (type === 'summary') fields.push(`quantile:[${lines}]`);
  // One bucket that holds everything says nothing that the native ones do not.
  else if (native === undefined || steps.length > 1) fields.push(`bucket:[${lines}]`);
  return `{${fields.join(',')}}`;
}

/** Exemplars behind a value. Without a time there can be none here. */
export function exemplarTexts(exemplars: readonly (Exemplar | undefined)[], escaping: Escaping): string {
  return exemplars
    .filter((exemplar) => exemplar !== undefined)
    .filter(({ timestamp }) => timestamp !== undefined)
    .map(({ labels, value, timestamp = 0 }) => {
      return ` # {${formatLabels(Object.entries(labels), escaping)}} ${numberText(value)} ${timestamp / 1000}`;
    })
    .join('');
}

function nativeFields(native: NativeHistogram): string[] {
  const { schema, zeroThreshold, zeroCount } = native;
  reading.load(native);
  return [
    `schema:${schema}`,
    `zero_threshold:${numberText(zeroThreshold)}`,
    `zero_count:${numberText(zeroCount)}`,
    ...bucketFields('negative', reading.negative),
    ...bucketFields('positive', reading.positive),
  ];
}

function bucketFields(sign: string, buckets: NativeReading['positive']): string[] {
  if (buckets.length === 0) return [];
  spans.lay(buckets);
  const { offsets, lengths, counts } = spans;
  const pairs = offsets.map((offset, i) => `${offset}:${lengths[i]}`).join(',');
  return [`${sign}_spans:[${pairs}]`, `${sign}_buckets:[${counts.map(numberText).join(',')}]`];
}
