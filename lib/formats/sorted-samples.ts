import type { Exemplar } from '../model/exemplar.js';
import type { FamilyHead, FamilySnapshot, Sample } from '../model/family.js';
import { type FamilyType, isReservedLabel, reservedLabelOf, TYPE_RULES } from '../model/family-types.js';
import type { NativeHistogram } from '../model/native-histogram.js';
import type { LabelPairs } from './format.js';

/** Suffixes that belong to the format: they are never escaped with the name. */
const SUFFIXES = ['_bucket', '_sum', '_count', '_gsum', '_gcount', '_created', '_info', ''];

/** Splits a sample's name into the family's name and a suffix. */
export function splitSampleName(family: FamilyHead, sample: string): { stem: string; suffix: string } {
  const { requiredSuffix } = TYPE_RULES[family.type];
  const isOther = requiredSuffix !== '' && sample !== family.name && family.name.endsWith(requiredSuffix);
  const stem = isOther ? family.name.slice(0, -requiredSuffix.length) : family.name;
  const suffix = SUFFIXES.find((candidate) => stem + candidate === sample);
  return suffix === undefined ? { stem: sample, suffix: '' } : { stem, suffix };
}

/** All lines of a histogram or summary, for formats that write them as one. */
export interface CompositeData {
  readonly labels: LabelPairs;
  /** The bound or rank of each line: its `le` or `quantile`. */
  readonly bounds: readonly string[];
  /** The value of each of these lines. */
  readonly values: readonly number[];
  readonly exemplars: readonly (Exemplar | undefined)[];
  readonly sum: number;
  readonly count: number;
  readonly native: NativeHistogram | undefined;
  /** When the series was created, in milliseconds since the epoch; 0 if unknown. */
  readonly createdAt: number;
  readonly timestamp: number | undefined;
}

/** A series of one line. */
export interface SingleData {
  readonly sample: Sample;
  readonly createdAt: number;
}

/** The samples of a snapshot, grouped. */
export interface SortedSamples {
  readonly composites: readonly CompositeData[];
  readonly singles: readonly SingleData[];
  /** Samples that a family of this type cannot have, by name. */
  readonly strays: ReadonlyMap<string, readonly Sample[]>;
}

/** Whether the lines of one series make up one value, as in histograms and summaries. */
export function isComposite(type: FamilyType): boolean {
  return reservedLabelOf(type) !== undefined;
}

/** Groups samples by series. */
export function sortSamples(family: FamilySnapshot): SortedSamples {
  const allowed: Sample[] = [];
  const created = new Map<string, number>();
  const strays = new Map<string, Sample[]>();
  for (const sample of family.samples) {
    const { stem, suffix } = splitSampleName(family, sample.name);
    if (suffix === '_created' && family.type !== 'gauge') created.set(seriesKey(sample), sample.value * 1000);
    else if (stem === sample.name && stem !== family.name) {
      strays.set(sample.name, [...(strays.get(sample.name) ?? []), sample]);
    } else allowed.push(sample);
  }
  const createdAt = (sample: Sample): number => sample.created ?? created.get(seriesKey(sample)) ?? 0;
  if (!isComposite(family.type)) {
    return { composites: [], singles: allowed.map((sample) => ({ sample, createdAt: createdAt(sample) })), strays };
  }
  const series = new Map<string, Sample[]>();
  for (const sample of allowed) series.set(seriesKey(sample), [...(series.get(seriesKey(sample)) ?? []), sample]);
  const composites = [...series.values()].map((samples) => compositeOf(family, samples, createdAt(samples[0])));
  return { composites, singles: [], strays };
}

function compositeOf(family: FamilyHead, samples: readonly Sample[], createdAt: number): CompositeData {
  const reservedLabel = reservedLabelOf(family.type) ?? '';
  const [first] = samples;
  const withSuffix = (...suffixes: string[]): Sample | undefined =>
    samples.find(({ name }) => suffixes.includes(splitSampleName(family, name).suffix));
  const count = withSuffix('_count', '_gcount');
  const lines = samples.filter(({ name, labels }) => {
    return labels[reservedLabel] !== undefined && ['', '_bucket'].includes(splitSampleName(family, name).suffix);
  });
  return {
    labels: Object.entries(first.labels).filter(([name]) => name !== reservedLabel),
    bounds: lines.map(({ labels }) => labels[reservedLabel]),
    values: lines.map(({ value }) => value),
    exemplars: lines.map(({ exemplar }) => exemplar),
    sum: withSuffix('_sum', '_gsum')?.value ?? Number.NaN,
    count: count?.value ?? 0,
    native: count?.native,
    createdAt,
    timestamp: first.timestamp,
  };
}

/** A key that all samples of one series share. */
export function seriesKey({ labels }: Sample): string {
  return JSON.stringify(
    Object.entries(labels)
      .filter(([name]) => !isReservedLabel(name))
      .sort(),
  );
}
