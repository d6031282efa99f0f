import type { FamilySnapshot, Sample } from '../lib/index.js';

/** The samples of one series of a histogram or summary, which differ only in their suffix and one label. */
export interface SeriesSamples {
  /** Without `le` or `quantile`. */
  readonly labels: Readonly<Record<string, string>>;
  /** When the series was created, in milliseconds since the epoch. */
  readonly created: number | undefined;
  /** The buckets or quantiles, sorted: `at` is the upper bound or the quantile. */
  readonly points: readonly { readonly at: number; readonly value: number }[];
  readonly sum: Sample | undefined;
  readonly count: Sample | undefined;
}

/**
 * Groups the samples of a family by series.
 *
 * @param label The label that distinguishes the points of one series: `le` or `quantile`.
 */
export function seriesOf(family: FamilySnapshot, label: 'le' | 'quantile'): SeriesSamples[] {
  const pointName = label === 'le' ? `${family.name}_bucket` : family.name;
  const groups = new Map<
    string,
    { -readonly [K in keyof SeriesSamples]: SeriesSamples[K] } & { points: SeriesSamples['points'][number][] }
  >();
  for (const sample of family.samples) {
    const isPoint = sample.name === pointName && sample.labels[label] !== undefined;
    const { [label]: at = '', ...others } = sample.labels;
    const labels = isPoint ? others : sample.labels;
    const key = JSON.stringify(Object.entries(labels).sort(byName));
    let series = groups.get(key);
    if (series === undefined) {
      series = { labels, created: sample.created, points: [], sum: undefined, count: undefined };
      groups.set(key, series);
    }
    if (isPoint) series.points.push({ at: bound(at), value: sample.value });
    else if (sample.name === `${family.name}_sum`) series.sum = sample;
    else if (sample.name === `${family.name}_count`) series.count = sample;
  }
  for (const { points } of groups.values()) points.sort((a, b) => a.at - b.at);
  return [...groups.values()];
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function bound(text: string): number {
  return text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text);
}
