import { pluralize } from '../model/errors.js';
import type { FamilySnapshot, Sample } from '../model/family.js';
import { isReservedLabel, TYPE_RULES } from '../model/family-types.js';
import { methodName } from '../model/manifest.js';
import {
  error,
  type FamilyCheck,
  info,
  type LintSubject,
  labelNamesOf,
  type Problem,
  sampleKey,
  sampleWith,
  warning,
} from './finding.js';
import { boundOf, bucketsOf } from './openmetrics.js';

/** Minimum number of observations for checks of their distribution. */
const MIN_OBSERVATIONS = 100;
/** Above this ratio of observations beyond the last bound, quantiles are guesses. */
const MAX_ABOVE_RATIO = 0.1;
/** Above this ratio of observations in one bucket, the buckets say nothing. */
const MAX_BUCKET_RATIO = 0.9;
/** Minimum number of values that look like ids for a label to be reported, if it has that many values. */
const MIN_VALUES = 3;

/** Checks of values, label values and the manifest. */
export const numberChecks: FamilyCheck = function* (family, subject): Iterable<Problem> {
  yield* help(family);
  yield* labelValues(family);
  yield* emptyLabels(family);
  if (family.type === 'histogram') yield* distribution(family);
  if (family.type === 'histogram') yield* latency(family, subject);
  if (family.type === 'summary') yield* summaries(family);
  yield* decreases(family, subject);
};

function* help({ name, help }: FamilySnapshot): Iterable<Problem> {
  const normalized = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  if (help === '' || normalized(help) !== normalized(name)) return;
  const remedy = 'Describe what is counted or measured.';
  yield info('help-is-name', 'help text should say more than the name', remedy);
}

/** Patterns of label values that are usually unbounded. */
const UNBOUNDED: readonly (readonly [kind: string, pattern: RegExp])[] = [
  ['a UUID', /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i],
  ['an id', /^(?:[0-9a-f]{16,}|[0-9]{6,})$/i],
  ['an e-mail address', /^[^\s@/]+@[^\s@/]+\.[a-z]{2,}$/i],
  [
    'an IP address',
    /^(?:\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?|(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|(?=.*::)(?=.*\d)[0-9a-f:]{2,39})$/i,
  ],
  ['a MAC address', /^(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i],
  ['a path with ids', /\/(?:\d+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{16,})(?:[/?]|$)/i],
  ['a path with a query', /^\/[^?]*\?/],
  ['a time', /^\d{4}-\d\d-\d\dT\d\d:\d\d/],
];

/** Labels whose values depend on the deployment and not on traffic. */
const DEPLOYMENT_LABELS = /^(?:instance|host|hostname|node|address|device|version|.*_address|.*_ip|ip)$/;
/** Labels whose names indicate ids. */
const ID_LABELS = /^(?:id|uuid|.*_(?:id|uuid)|.*Id)$/;
/** From this number of values on, such a label is assumed to depend on traffic. */
const MANY_VALUES = 50;

/** Whether a family is an Info, which text 0.0.4 exposes as a gauge. */
function isInfo({ type, name }: FamilySnapshot): boolean {
  return type === 'info' || (type === 'gauge' && name.endsWith('_info'));
}

function* labelValues(family: FamilySnapshot): Iterable<Problem> {
  if (isInfo(family)) return;
  for (const label of labelNamesOf(family)) {
    if (isReservedLabel(label) || DEPLOYMENT_LABELS.test(label)) continue;
    const samples = new Map<string, Sample>();
    for (const sample of family.samples) {
      if (Object.hasOwn(sample.labels, label)) samples.set(sample.labels[label], sample);
    }
    const isId = ID_LABELS.test(label) && samples.size >= MANY_VALUES;
    const patterns = isId ? ([['an id', /^/]] as const) : UNBOUNDED;
    for (const [kind, pattern] of patterns) {
      const matching = [...samples].filter(([value]) => pattern.test(value));
      if (matching.length < Math.min(MIN_VALUES, samples.size) || matching.length < samples.size / 2) continue;
      const [[value, sample]] = matching;
      const message = `label "${label}" looks like ${kind} (${JSON.stringify(value.slice(0, 60))}); it has ${pluralize(samples.size, 'value')}`;
      const remedy = 'Each value adds a series: use a class of values, such as the route or the plan, or an exemplar.';
      yield { ...warning('unbounded-label', message, remedy), sample };
      break;
    }
  }
}

function* emptyLabels(family: FamilySnapshot): Iterable<Problem> {
  for (const label of labelNamesOf(family)) {
    const sample = family.samples.find(({ labels }) => labels[label] === '');
    if (sample === undefined) continue;
    const remedy = 'Leave the label out: Prometheus treats an empty label as a missing one.';
    yield { ...info('empty-label', `label "${label}" should not be empty`, remedy), sample };
  }
}

/** Checks how the observations of all series are distributed over the buckets. */
function* distribution(family: FamilySnapshot): Iterable<Problem> {
  const totals = new Map<number, number>();
  for (const buckets of bucketsOf(family)) {
    let below = 0;
    for (const bucket of buckets) {
      const bound = boundOf(bucket);
      totals.set(bound, (totals.get(bound) ?? 0) + bucket.value - below);
      below = bucket.value;
    }
  }
  const total = [...totals.values()].reduce((sum, n) => sum + n, 0);
  if (total < MIN_OBSERVATIONS || totals.size < 2) return;
  const bounds = [...totals.keys()].filter(Number.isFinite).sort((a, b) => a - b);
  const above = (totals.get(Number.POSITIVE_INFINITY) ?? 0) / total;
  const last = bounds.at(-1);
  if (above > MAX_ABOVE_RATIO) {
    const message = `${percent(above)} of the observations are above the last bound, ${last}`;
    yield warning(
      'above-last-bound',
      message,
      'Add larger bounds, or use a native histogram: no quantile is above the last bound.',
    );
    return;
  }
  const [bound, largest] = [...totals].reduce((best, next) => (next[1] > best[1] ? next : best));
  if (largest / total <= MAX_BUCKET_RATIO) return;
  const below = bounds[bounds.indexOf(bound) - 1];
  const message = `${percent(largest / total)} of the observations are in one bucket, ${below === undefined ? 'up to' : `${below} to`} ${bound}`;
  const remedy =
    'Choose bounds around the usual values, or use a native histogram: quantiles within one bucket are guesses.';
  yield warning('one-bucket', message, remedy);
}

function* latency(family: FamilySnapshot, { manifest }: LintSubject): Iterable<Problem> {
  const objectives = manifest?.find(({ name }) => name === family.name)?.objectives ?? [];
  const bounds = new Set(bucketsOf(family).flatMap((buckets) => buckets.map(boundOf)));
  if (bounds.size === 0) return;
  for (const objective of objectives) {
    const { latency } = objective;
    if (latency === undefined || bounds.has(latency)) continue;
    const message = `the objective of ${methodName(objective)} is ${latency} seconds, which is not a bucket bound`;
    yield error('objective-bound', message, `Add ${latency} to the buckets.`);
  }
}

/** Labels that distinguish processes. */
const PROCESS_LABELS = ['pid', 'worker', 'worker_id', 'process', 'process_id', 'instance_id'];

function* summaries(family: FamilySnapshot): Iterable<Problem> {
  for (const label of PROCESS_LABELS) {
    const sample = sampleWith(family, label);
    if (sample === undefined) continue;
    const message = `quantiles of several processes (label "${label}") cannot be added up`;
    yield { ...warning('summary-of-processes', message, 'Use a histogram, whose buckets can.'), sample };
    return;
  }
}

function* decreases(family: FamilySnapshot, { earlier }: LintSubject): Iterable<Problem> {
  const before = earlier?.find(({ name }) => name === family.name);
  if (before === undefined || !TYPE_RULES[family.type].cumulative) return;
  const values = new Map(before.samples.map((sample) => [sampleKey(sample), sample.value]));
  for (const sample of family.samples) {
    if (family.type === 'summary' && sample.name === family.name) continue;
    const was = values.get(sampleKey(sample));
    if (was === undefined || !(sample.value < was)) continue;
    const message = `${sample.name} fell from ${was} to ${sample.value}`;
    const remedy =
      'Use a gauge for what can go down. If several processes answer in turn, make each a target of its own.';
    yield { ...error('counter-fell', message, remedy), sample };
    return;
  }
}

function percent(ratio: number): string {
  return `${Math.round(ratio * 100)} %`;
}
