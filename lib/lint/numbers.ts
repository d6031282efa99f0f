import type { FamilySnapshot, Sample } from '../model/family.js';
import { isStepLabel, TYPE_RULES } from '../model/family-types.js';
import { methodName } from '../model/manifest.js';
import {
  error,
  type FamilyCheck,
  info,
  type LintSubject,
  labelNamesOf,
  type Problem,
  sampleWith,
  seriesKey,
  warning,
} from './finding.js';
import { boundOf, bucketsOf } from './openmetrics.js';

/** Minimum number of observations for checks of their distribution. */
const ENOUGH = 100;
/** Ratio of observations above the last bound from which quantiles are guesses. */
const MAX_ABOVE = 0.1;
/** Ratio of observations in one bucket from which the buckets are useless. */
const MAX_IN_ONE = 0.9;
/** Minimum number of a label's values that all look like ids for the label to be taken for one. */
const FEW = 3;

/** Checks of values, label values and the manifest. */
export const numberChecks: FamilyCheck = function* (family, subject): Iterable<Problem> {
  yield* help(family);
  yield* labelValues(family);
  yield* emptyLabels(family);
  if (family.type === 'histogram') yield* spread(family);
  if (family.type === 'histogram') yield* latency(family, subject);
  if (family.type === 'summary') yield* summaries(family);
  yield* fallen(family, subject);
};

function* help({ name, help }: FamilySnapshot): Iterable<Problem> {
  const bare = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  if (help === '' || bare(help) !== bare(name)) return;
  const remedy = 'Say what is counted or measured: readers of the help know the name.';
  yield info('help-is-name', 'help text should say more than the name', remedy);
}

/** Patterns of label values that are usually unbounded. */
const UNBOUNDED: readonly (readonly [kind: string, pattern: RegExp])[] = [
  ['a UUID', /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i],
  ['an id', /^(?:[0-9a-f]{16,}|[0-9]{6,})$/i],
  ['an e-mail address', /^[^\s@/]+@[^\s@/]+\.[a-z]{2,}$/i],
  [
    'an IP address',
    /^(?:\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?|(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|(?=.*::)[0-9a-f:]*\d[0-9a-f:]*)$/i,
  ],
  ['a MAC address', /^(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i],
  ['a path with ids', /\/(?:\d+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{16,})(?:[/?]|$)/i],
  ['a path with a query', /^\/[^?]*\?/],
  ['a time', /^\d{4}-\d\d-\d\dT\d\d:\d\d/],
];

/** Labels whose values depend on the deployment, not on traffic. */
const OF_PLACE = /^(?:instance|host|hostname|node|address|device|version|.*_address|.*_ip|ip)$/;
/** Labels whose names indicate ids. */
const OF_IDS = /^(?:id|uuid|.*_(?:id|uuid)|.*Id)$/;
/** Number of values from which such a label is assumed to depend on traffic, not on the deployment. */
const MANY_IDS = 50;

/** Text 0.0.4 has no infos and exposes them as gauges. */
function isInfo({ type, name }: FamilySnapshot): boolean {
  return type === 'info' || (type === 'gauge' && name.endsWith('_info'));
}

function* labelValues(family: FamilySnapshot): Iterable<Problem> {
  if (isInfo(family)) return;
  for (const label of labelNamesOf(family)) {
    if (isStepLabel(label) || OF_PLACE.test(label)) continue;
    const samples = new Map<string, Sample>();
    for (const sample of family.samples) {
      if (Object.hasOwn(sample.labels, label)) samples.set(sample.labels[label], sample);
    }
    const isId = OF_IDS.test(label) && samples.size >= MANY_IDS;
    const kinds = isId ? ([['an id', /^/]] as const) : UNBOUNDED;
    for (const [kind, pattern] of kinds) {
      const like = [...samples].filter(([value]) => pattern.test(value));
      if (like.length < Math.min(FEW, samples.size) || like.length < samples.size / 2) continue;
      const [[value, sample]] = like;
      const message = `label "${label}" looks like ${kind} (${JSON.stringify(value.slice(0, 60))}); it has ${count(samples.size, 'value')}`;
      const remedy =
        'Each value is a series forever: use a class of values, such as the route or the plan, or an exemplar.';
      yield { ...warning('unbounded-label', message, remedy), sample };
      break;
    }
  }
}

function* emptyLabels(family: FamilySnapshot): Iterable<Problem> {
  for (const label of labelNamesOf(family)) {
    const sample = family.samples.find(({ labels }) => labels[label] === '');
    if (sample === undefined) continue;
    const remedy = 'Leave the label out: to Prometheus, an empty label is none.';
    yield { ...info('empty-label', `label "${label}" should not be empty`, remedy), sample };
  }
}

/** The distribution of the observations of all series over the buckets. */
function* spread(family: FamilySnapshot): Iterable<Problem> {
  const totals = new Map<number, number>();
  for (const buckets of bucketsOf(family)) {
    let below = 0;
    for (const bucket of buckets) {
      const bound = boundOf(bucket);
      totals.set(bound, (totals.get(bound) ?? 0) + bucket.value - below);
      below = bucket.value;
    }
  }
  const all = [...totals.values()].reduce((sum, n) => sum + n, 0);
  if (all < ENOUGH || totals.size < 2) return;
  const bounds = [...totals.keys()].filter(Number.isFinite).sort((a, b) => a - b);
  const above = (totals.get(Number.POSITIVE_INFINITY) ?? 0) / all;
  const last = bounds.at(-1);
  if (above > MAX_ABOVE) {
    const message = `${percent(above)} of the observations are above the last bound, ${last}`;
    yield warning(
      'above-last-bound',
      message,
      'Add greater bounds, or use a native histogram: quantiles end at the last bound.',
    );
    return;
  }
  const [bound, most] = [...totals].reduce((best, next) => (next[1] > best[1] ? next : best));
  if (most / all <= MAX_IN_ONE) return;
  const below = bounds[bounds.indexOf(bound) - 1];
  const message = `${percent(most / all)} of the observations are in one bucket, ${below === undefined ? 'up to' : `${below} to`} ${bound}`;
  const remedy =
    'Choose bounds around the usual values, or use a native histogram: quantiles within one bucket are guesses.';
  yield warning('one-bucket', message, remedy);
}

function* latency(family: FamilySnapshot, { manifest }: LintSubject): Iterable<Problem> {
  const about = manifest?.find(({ name }) => name === family.name);
  const bounds = new Set(bucketsOf(family).flatMap((buckets) => buckets.map(boundOf)));
  if (bounds.size === 0) return;
  for (const objective of about?.objectives ?? []) {
    const { latency } = objective;
    if (latency === undefined || bounds.has(latency)) continue;
    const message = `the objective of ${methodName(objective)} is ${latency} seconds, which is not a bucket bound`;
    yield error('objective-bound', message, `Add ${latency} to the buckets.`);
  }
}

/** Labels that distinguish processes. */
const OF_PROCESS = ['pid', 'worker', 'worker_id', 'process', 'process_id', 'instance_id'];

function* summaries(family: FamilySnapshot): Iterable<Problem> {
  for (const label of OF_PROCESS) {
    const sample = sampleWith(family, label);
    if (sample === undefined) continue;
    const message = `quantiles of several processes (label "${label}") cannot be added up`;
    yield { ...warning('summary-of-processes', message, 'Use a histogram: its buckets can be.'), sample };
    return;
  }
}

function* fallen(family: FamilySnapshot, { earlier }: LintSubject): Iterable<Problem> {
  const before = earlier?.find(({ name }) => name === family.name);
  if (before === undefined || !TYPE_RULES[family.type].cumulative) return;
  const values = new Map(before.samples.map((sample) => [seriesKey(sample), sample.value]));
  for (const sample of family.samples) {
    if (family.type === 'summary' && sample.name === family.name) continue;
    const was = values.get(seriesKey(sample));
    if (was === undefined || !(sample.value < was)) continue;
    const message = `${sample.name} fell from ${was} to ${sample.value}`;
    const remedy = 'Use a gauge for what falls. If several processes answer by turns, give each its own target.';
    yield { ...error('counter-fell', message, remedy), sample };
    return;
  }
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
