import { parseOpenMetrics, parseText, type Registry, register, type Sample } from 'promark';

/** Returns the sample lines of a page in a text format. */
export function sampleLines(page: string): string[] {
  return page.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

/** The sample lines of a registry's text page. */
export async function sampleLinesIn(registry: Registry): Promise<string[]> {
  return sampleLines(await registry.metrics());
}

/**
 * Returns the value of a series on a registry's text page, such as `a_total{b="c"}`. Throws if it is not on the page.
 */
export async function valueOnLine(registry: Registry, series: string): Promise<number> {
  const line = sampleLines(await registry.metrics()).find((text) => text.startsWith(`${series} `));
  if (line === undefined) throw new Error(`no ${series} on the page`);
  return Number(line.slice(series.length + 1));
}

/** The samples of a page, in text 0.0.4 or OpenMetrics. */
export function samplesOn(page: string): Sample[] {
  const parse = page.endsWith('# EOF\n') ? parseOpenMetrics : parseText;
  return parse(page).flatMap(({ samples }) => samples);
}

/** The values on a page by sample name; if several samples have the same name, the value of the last one. */
export function valuesByName(page: string): Map<string, number> {
  return new Map(samplesOn(page).map(({ name, value }) => [name, value]));
}

/** The labels and values of all samples with this name in a registry. */
export async function seriesOf(
  name: string,
  registry: Registry = register,
): Promise<{ labels: Record<string, string>; value: number }[]> {
  const samples = (await registry.gather()).flatMap((family) => family.samples);
  return samples
    .filter((sample) => sample.name === name)
    .map(({ labels, value }) => ({ labels: { ...labels }, value }));
}

interface ReadableMetric {
  get(): Promise<{ values: readonly { labels: object; value: number }[] }>;
}

/** The labels and the value of each sample of a metric. */
export async function metricSeries(metric: ReadableMetric): Promise<[labels: object, value: number][]> {
  const asText = (labels: object) =>
    Object.fromEntries(Object.entries(labels).map(([label, text]) => [label, String(text)]));
  return (await metric.get()).values.map(({ labels, value }) => [asText(labels), value]);
}

/** The values of the samples of a metric. */
export async function metricValues(metric: ReadableMetric): Promise<number[]> {
  return (await metric.get()).values.map(({ value }) => value);
}

/** The value of the first sample of a metric: the only one of a counter or gauge without labels. */
export async function metricValue(metric: ReadableMetric): Promise<number | undefined> {
  return (await metricValues(metric))[0];
}
