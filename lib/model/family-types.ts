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

/** How the types differ, as far as this concerns more than one format. */
export interface TypeRules {
  /**
   * What the lines of a series are: one `value`; `buckets` or `quantiles`, which make up one value together with sum and
   * count; or `states`, each a value of its own.
   */
  readonly lines: 'value' | 'buckets' | 'quantiles' | 'states';
  /** What samples add to the family's name, in the order of the page. A counter's name ends in `_total` already. */
  readonly suffixes: readonly string[];
  /** The end that OpenMetrics requires of the family's name; its metadata leave it out. */
  readonly requiredEnd: '_total' | '';
  /** Whether values add up from the moment at which a series began, which OpenMetrics shows as `_created`. */
  readonly cumulative: boolean;
  /** Whether values are set, so that a series that never was is left out where several sources are merged. */
  readonly valuesAreSet: boolean;
  /** How the values of several sources become one, unless the family says otherwise. Quantiles need sketches for that. */
  readonly merges: 'sum' | 'max' | 'first';
  /** Whether the family may have a unit: not where values are not numbers of anything (OpenMetrics 1.0). */
  readonly measured: boolean;
  /** The suffix of the samples that may carry an exemplar; undefined if none may. */
  readonly exemplarSuffix: '_bucket' | '' | undefined;
  /** What text 0.0.4 calls the type; scrapers fail on others than these. */
  readonly textType: 'counter' | 'gauge' | 'histogram' | 'summary' | 'untyped';
}

const VALUE: TypeRules = {
  lines: 'value',
  suffixes: [''],
  requiredEnd: '',
  cumulative: false,
  valuesAreSet: false,
  merges: 'sum',
  measured: true,
  exemplarSuffix: undefined,
  textType: 'gauge',
};

export const TYPE_RULES: Readonly<Record<FamilyType, TypeRules>> = {
  counter: { ...VALUE, requiredEnd: '_total', cumulative: true, exemplarSuffix: '', textType: 'counter' },
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
  // A state that several sources are in is still one state, and so is what an info says.
  stateset: { ...VALUE, lines: 'states', valuesAreSet: true, merges: 'max', measured: false },
  info: { ...VALUE, suffixes: ['_info'], merges: 'first', measured: false },
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

/** The label of a bucket's bound, and that of a quantile's rank. */
export const STEP_LABELS = { buckets: 'le', quantiles: 'quantile' } as const;

/** `le` or `quantile` for a type whose lines make up one value; undefined for the others. */
export function stepLabelOf(type: FamilyType): 'le' | 'quantile' | undefined {
  const { lines } = TYPE_RULES[type];
  return lines === 'buckets' || lines === 'quantiles' ? STEP_LABELS[lines] : undefined;
}

/** What a format without metadata for the type adds to the family's name: `_info`. */
export function nameSuffixOf(type: FamilyType): string {
  const { lines, suffixes } = TYPE_RULES[type];
  return lines === 'value' ? suffixes[0] : '';
}

/** Whether a label is one that a type writes itself. */
export function isStepLabel(label: string): boolean {
  return label === STEP_LABELS.buckets || label === STEP_LABELS.quantiles;
}
