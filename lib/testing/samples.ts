import { AssertionError } from 'node:assert';
import { type FamilySnapshot, type LabelValue, parseOpenMetrics, parseText, type Sample } from '../index.js';
import { show } from '../model/errors.js';
import { editDistance } from '../model/options.js';

/** Labels of a sample. A label without a value (`undefined`, `null`, `''`) must be absent from the sample. */
export type SampleLabels = Readonly<Record<string, LabelValue>>;

/**
 * A source of samples: a registry, a scraped page, the text of a page, or families from a parser or from
 * `registry.gather()`. Text that ends with `# EOF` is parsed as OpenMetrics, other text as the text format.
 */
export type SampleSource = Gathering | readonly FamilySnapshot[] | string;

interface Gathering {
  gather(): Promise<readonly FamilySnapshot[]>;
}

/** Returns the families of a source. Rejects with ParseError if it is text that is not a page. */
export async function familiesOf(source: SampleSource): Promise<readonly FamilySnapshot[]> {
  if (typeof source === 'string') return source.endsWith('# EOF\n') ? parseOpenMetrics(source) : parseText(source);
  if (Array.isArray(source)) return source;
  if (typeof (source as Partial<Gathering> | undefined)?.gather === 'function') return (source as Gathering).gather();
  throw new AssertionError({
    message: `Samples come from a registry, a scraped page, the text of a page or families, not from ${show(source)}.`,
    stackStartFn: familiesOf,
  });
}

/**
 * Returns the value of the sample with this name and exactly these labels, default labels included, or undefined if there
 * is none. The name is that on the page: `job_seconds_count`, not `job_seconds`.
 *
 * @example assert.equal(await sampleValue(register, 'orders_total', { tier: 'gold' }), 1);
 */
export async function sampleValue(
  source: SampleSource,
  name: string,
  labels: SampleLabels = {},
): Promise<number | undefined> {
  return findSample(samplesOf(await familiesOf(source)), name, labels)?.value;
}

/**
 * Checks the value of the sample with this name and exactly these labels. Throws AssertionError, which lists the nearest
 * samples, if there is no such sample or if it has another value.
 *
 * @param expected The value; NaN equals NaN.
 *
 * @example await expectSample(register, 'orders_total', { tier: 'gold' }, 1);
 */
export async function expectSample(
  source: SampleSource,
  name: string,
  labels: SampleLabels,
  expected: number,
): Promise<void> {
  const samples = samplesOf(await familiesOf(source));
  const actual = findSample(samples, name, labels)?.value;
  if (actual !== undefined && Object.is(actual + 0, expected + 0)) return;
  throw new AssertionError({
    message: describeMismatch(samples, name, labels, expected),
    actual,
    expected,
    operator: 'expectSample',
    stackStartFn: expectSample,
  });
}

export function samplesOf(families: readonly FamilySnapshot[]): Sample[] {
  return families.flatMap((family) => family.samples);
}

export function findSample(samples: readonly Sample[], name: string, labels: SampleLabels): Sample | undefined {
  const wanted = labelStrings(labels);
  return samples.find((sample) => sample.name === name && distance(labelStrings(sample.labels), wanted) === 0);
}

/** Describes a missing sample or an unexpected value, and lists the most similar samples. */
export function describeMismatch(
  samples: readonly Sample[],
  name: string,
  labels: SampleLabels,
  expected: number | undefined,
): string {
  const series = seriesText(name, labelStrings(labels));
  const found = findSample(samples, name, labels);
  const problem =
    found === undefined ? `There is no sample ${series}.` : `${series} is ${found.value}, expected ${expected}.`;
  return `${problem}\n${nearest(samples, name, labels, found)}`;
}

/** The labels that have a value, as shown on the page. */
function labelStrings(labels: SampleLabels): Map<string, string> {
  const filled = Object.entries(labels).filter(([, value]) => value !== undefined && value !== null && value !== '');
  return new Map(filled.map(([label, value]) => [label, String(value)]));
}

/** Returns the number of labels that differ between two label sets. */
function distance(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): number {
  const names = new Set([...a.keys(), ...b.keys()]);
  return [...names].filter((label) => a.get(label) !== b.get(label)).length;
}

/** Maximum number of samples listed in a failure. */
const MAX_LISTED = 8;

function nearest(samples: readonly Sample[], name: string, labels: SampleLabels, found: Sample | undefined): string {
  const wanted = labelStrings(labels);
  const maxEdits = Math.max(3, Math.floor(name.length / 3));
  const near = samples
    .filter((sample) => sample !== found)
    .map((sample) => ({
      sample,
      byName: sample.name === name ? 0 : editDistance(sample.name, name),
      byLabels: distance(labelStrings(sample.labels), wanted),
    }))
    .filter(({ byName, sample }) => byName <= maxEdits || sample.name.includes(name) || name.includes(sample.name))
    .sort((a, b) => a.byName - b.byName || a.byLabels - b.byLabels);
  if (near.length > 0) {
    const lines = near.slice(0, MAX_LISTED).map(({ sample }) => `  ${sampleText(sample)}`);
    const more = near.length > MAX_LISTED ? [`  … and ${near.length - MAX_LISTED} more`] : [];
    return ['The nearest samples:', ...lines, ...more].join('\n');
  }
  if (found !== undefined) return 'There is no similar sample.';
  const names = [...new Set(samples.map((sample) => sample.name))];
  if (names.length === 0) return 'There are no samples.';
  const more = names.length > MAX_LISTED ? `, … (${names.length} in total)` : '';
  return `No sample has a similar name. Names: ${names.slice(0, MAX_LISTED).join(', ')}${more}`;
}

/** Formats a sample as a line of the text format. */
export function sampleText({ name, labels, value }: Sample): string {
  return `${seriesText(name, labelStrings(labels))} ${valueText(value)}`;
}

/** Formats a number as in the text format. */
export function valueText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}

export function seriesText(name: string, labels: ReadonlyMap<string, string>): string {
  if (labels.size === 0) return name;
  return `${name}{${Array.from(labels, ([label, value]) => `${label}=${JSON.stringify(value)}`).join(',')}}`;
}
