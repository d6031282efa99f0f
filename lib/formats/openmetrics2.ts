import type { Exemplar } from '../model/exemplar.js';
import type { FamilyHead, FamilySnapshot } from '../model/family.js';
import { type FamilyType, nameSuffixOf, TYPE_RULES } from '../model/family-types.js';
import type { LiveFamily } from '../model/live-family.js';
import { type NativeHistogram, NativeReading } from '../model/native-histogram.js';
import { snapshotOf } from '../model/snapshot-of.js';
import {
  type Escaping,
  escapeMetricName,
  escapeQuoted,
  type Format,
  formatLabels,
  type LabelPairs,
  labelNameIn,
  linePrefix,
  nameInHeader,
  type Variant,
  withDefaults,
} from './format.js';
import { type CompositeData, type SingleData, sortSamples } from './sorted-samples.js';
import { Spans } from './spans.js';
import { numberText } from './write-number.js';

const reading = new NativeReading();
const spans = new Spans();

/** Returns the value of one histogram or summary, without white space (OpenMetrics 2.0, section CompositeValues). */
export function compositeValue(type: FamilyType, data: CompositeData): string {
  const { count, sum, bounds, values, native } = data;
  const lines = bounds.map((bound, i) => `${bound}:${numberText(values[i])}`).join(',');
  const { lines: kind, cumulative } = TYPE_RULES[type];
  const gauge = cumulative ? '' : 'g';
  const fields = [`${gauge}count:${numberText(native?.count ?? count)}`, `${gauge}sum:${numberText(sum)}`];
  if (native !== undefined) fields.push(...nativeFields(native));
  if (kind === 'quantiles') fields.push(`quantile:[${lines}]`);
  // If `+Inf` is the only classic bucket, it adds nothing to the native ones.
  else if (native === undefined || bounds.length > 1) fields.push(`bucket:[${lines}]`);
  return `{${fields.join(',')}}`;
}

/** Returns the exemplars as they follow a value. Exemplars must have a timestamp here. */
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

/**
 * OpenMetrics 2.0.0-rc0, which may still change. Samples have the name of their family, and a histogram or summary is
 * one sample with a composite value. No bytes are cached.
 */
export const openMetrics2: Format = {
  contentType: 'application/openmetrics-text; version=2.0.0; charset=utf-8',
  end: '# EOF\n',
  prepare: (family, variant) => ({ pieces: () => livePieces(family, variant) }),
  write: (family, variant) => Buffer.from(header(family, variant) + lines(family, variant)),
};

const NOTHING = new Uint8Array(0);

function* livePieces(family: LiveFamily, variant: Variant): Generator<Uint8Array> {
  yield Buffer.from(header(family, variant));
  for (const _ of family.prepare?.(true) ?? []) yield NOTHING;
  for (let from = 0; from < family.rowCount; from += family.groupRows) {
    const to = Math.min(from + family.groupRows, family.rowCount);
    yield Buffer.from(lines(snapshotOf(family, { created: true, from, to }), variant));
  }
}

function header(head: FamilyHead, variant: Variant): string {
  const name = nameInHeader(nameOf(head, variant), 'allow-utf-8');
  const unit = head.unit === '' || !TYPE_RULES[head.type].mayHaveUnit ? '' : `# UNIT ${name} ${head.unit}\n`;
  return `# TYPE ${name} ${head.type}\n${unit}# HELP ${name} ${escapeQuoted(head.help)}\n`;
}

function lines(family: FamilySnapshot, variant: Variant): string {
  const { composites, singles, strays } = sortSamples(family);
  let page = '';
  for (const data of composites) page += compositeLine(family, data, variant);
  for (const data of singles) page += singleLine(family, data, variant);
  // Samples that the type does not allow follow as families of their own.
  for (const [name, samples] of strays) {
    const head: FamilyHead = { name, type: 'gauge', help: family.help, unit: '' };
    page += header(head, variant);
    for (const sample of samples) page += singleLine(head, { sample, createdAt: 0 }, variant);
  }
  return page;
}

function compositeLine(head: FamilyHead, data: CompositeData, variant: Variant): string {
  const { native, exemplars, timestamp, createdAt, labels } = data;
  // Sections Exemplars and Start Timestamp: if both kinds of buckets have exemplars, those of the classic ones are
  // used.
  const chosen = exemplars.some((exemplar) => exemplar !== undefined) ? exemplars : (native?.exemplars ?? []);
  const times = timesOf(timestamp, TYPE_RULES[head.type].cumulative ? createdAt : 0);
  return `${prefixOf(head, labels, variant)}${compositeValue(head.type, data)}${times}${exemplarTexts(chosen, variant.escaping)}\n`;
}

function singleLine(head: FamilyHead, { sample, createdAt }: SingleData, variant: Variant): string {
  const { cumulative, exemplarSuffix } = TYPE_RULES[head.type];
  const labels = Object.entries(sample.labels).map(([name, value]) => {
    return [labelNameIn(variant, head, name), value] as const;
  });
  const times = timesOf(sample.timestamp, cumulative ? createdAt : 0);
  const exemplar = exemplarSuffix === undefined ? '' : exemplarTexts([sample.exemplar], variant.escaping);
  return `${prefixOf(head, labels, variant)}${numberText(sample.value)}${times}${exemplar}\n`;
}

function prefixOf(head: FamilyHead, labels: LabelPairs, variant: Variant): string {
  const text = formatLabels(withDefaults(variant, labels), variant.escaping);
  return linePrefix(nameOf(head, variant), '', text, 'allow-utf-8');
}

/** Returns the escaped name, which callers must not escape again. */
function nameOf({ name, type }: FamilyHead, { prefix, escaping }: Variant): string {
  return escapeMetricName(prefix + name, escaping) + nameSuffixOf(type);
}

function timesOf(timestamp: number | undefined, createdAt: number): string {
  const time = timestamp === undefined ? '' : ` ${timestamp / 1000}`;
  return createdAt > 0 ? `${time} st@${createdAt / 1000}` : time;
}
