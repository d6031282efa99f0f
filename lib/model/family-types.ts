/**
 * What a family is. `info`, `stateset`, `gaugehistogram` and `unknown` exist in OpenMetrics only; text 0.0.4 and
 * protobuf write them as the nearest type that they have.
 */
export type FamilyType =
  | 'counter'
  | 'gauge'
  | 'histogram'
  | 'gaugehistogram'
  | 'stateset'
  | 'info'
  | 'summary'
  | 'unknown';

/** Differences between the types that concern more than one format. */
export interface TypeRules {
  /**
   * What the lines of a series are: one `value`; `buckets` or `quantiles`, which make up one value together with sum and
   * count; or `states`, each a value of its own.
   */
  readonly lines: 'value' | 'buckets' | 'quantiles' | 'states';
  /** Suffixes of the sample names, in page order. A counter's name already ends in `_total`. */
  readonly suffixes: readonly string[];
  /** The suffix that OpenMetrics requires of the family's name, and omits in its metadata. */
  readonly requiredSuffix: '_total' | '';
  /** Whether values accumulate from the time at which a series was created, which OpenMetrics exposes as `_created`. */
  readonly cumulative: boolean;
  /** Whether values are set, not accumulated. A series that was never set is then ignored when sources are merged. */
  readonly valuesAreSet: boolean;
  /**
   * How the values of several sources are merged, unless the family is configured otherwise. Quantiles need sketches
   * for that.
   */
  readonly merges: 'sum' | 'max' | 'first';
  /**
   * Whether the family may have a unit. Infos and state sets, whose values are not quantities, may not (OpenMetrics
   * 1.0).
   */
  readonly mayHaveUnit: boolean;
  /** The suffix of the samples that may carry an exemplar; undefined if none may. */
  readonly exemplarSuffix: '_bucket' | '' | undefined;
  /** The type in text 0.0.4; scrapers reject any other. */
  readonly textType: 'counter' | 'gauge' | 'histogram' | 'summary' | 'untyped';
}

const VALUE: TypeRules = {
  lines: 'value',
  suffixes: [''],
  requiredSuffix: '',
  cumulative: false,
  valuesAreSet: false,
  merges: 'sum',
  mayHaveUnit: true,
  exemplarSuffix: undefined,
  textType: 'gauge',
};

export const TYPE_RULES: Readonly<Record<FamilyType, TypeRules>> = {
  counter: { ...VALUE, requiredSuffix: '_total', cumulative: true, exemplarSuffix: '', textType: 'counter' },
  gauge: { ...VALUE, valuesAreSet: true },
  histogram: {
    ...VALUE,
    lines: 'buckets',
    suffixes: ['_bucket', '_sum', '_count'],
    cumulative: true,
    exemplarSuffix: '_bucket',
    textType: 'histogram',
  },
  gaugehistogram: {
    ...VALUE,
    lines: 'buckets',
    suffixes: ['_bucket', '_gsum', '_gcount'],
    exemplarSuffix: '_bucket',
    textType: 'histogram',
  },
  // A state or info that several sources report is still one.
  stateset: { ...VALUE, lines: 'states', valuesAreSet: true, merges: 'max', mayHaveUnit: false },
  info: { ...VALUE, suffixes: ['_info'], merges: 'first', mayHaveUnit: false },
  summary: {
    ...VALUE,
    lines: 'quantiles',
    suffixes: ['', '_sum', '_count'],
    cumulative: true,
    textType: 'summary',
  },
  unknown: { ...VALUE, textType: 'untyped' },
};

export const FAMILY_TYPES = Object.keys(TYPE_RULES) as readonly FamilyType[];

/** The labels of a bucket's upper bound and of a quantile's rank, which metrics must not define themselves. */
export const RESERVED_LABELS = { buckets: 'le', quantiles: 'quantile' } as const;

/** `le` or `quantile` for a type whose lines make up one value; undefined for the others. */
export function reservedLabelOf(type: FamilyType): 'le' | 'quantile' | undefined {
  const { lines } = TYPE_RULES[type];
  return lines === 'buckets' || lines === 'quantiles' ? RESERVED_LABELS[lines] : undefined;
}

/** The suffix of the family's name in formats that do not know the type: `_info`, or nothing. */
export function nameSuffixOf(type: FamilyType): string {
  const { lines, suffixes } = TYPE_RULES[type];
  return lines === 'value' ? suffixes[0] : '';
}

/** Whether families of some type write this label themselves: `le` or `quantile`. */
export function isReservedLabel(label: string): boolean {
  return label === RESERVED_LABELS.buckets || label === RESERVED_LABELS.quantiles;
}
