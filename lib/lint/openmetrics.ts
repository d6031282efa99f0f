import { parseBound } from '../model/canonical-float.js';
import type { FamilySnapshot, Sample } from '../model/family.js';
import { TYPE_RULES } from '../model/family-types.js';
import { error, type FamilyCheck, type Problem, warning } from './finding.js';

/** Checks of OpenMetrics' rules that parsers do not check, and for problems with OpenTelemetry. */
export const openMetricsChecks: FamilyCheck = function* (family, { families }): Iterable<Problem> {
  yield* unit(family);
  if (TYPE_RULES[family.type].lines === 'buckets') yield* buckets(family);
  if (family.type === 'summary') yield* quantiles(family);
  yield* exemplars(family);
  yield* clash(family, families);
};

function* unit({ name, type, unit }: FamilySnapshot): Iterable<Problem> {
  if (unit === '') return;
  const { mayHaveUnit, requiredSuffix } = TYPE_RULES[type];
  const base = requiredSuffix !== '' && name.endsWith(requiredSuffix) ? name.slice(0, -requiredSuffix.length) : name;
  if (!mayHaveUnit) {
    yield error('unit-of-info', `${type} metrics should not have a unit`, 'Leave the unit out: 0 and 1 have no unit.');
  } else if (!base.endsWith(`_${unit}`)) {
    const remedy = `Name it ${base}_${unit}${requiredSuffix}, or declare no unit.`;
    yield error('unit-suffix', `metric name should end with its unit "_${unit}"`, remedy);
  }
}

/** Returns the upper bound of a bucket; NaN if it has none. */
export function boundOf({ labels: { le } }: Sample): number {
  return le === undefined ? Number.NaN : parseBound(le);
}

/** Returns the buckets of each series, in page order. */
export function bucketsOf({ name, samples }: FamilySnapshot): Sample[][] {
  const series = new Map<string, Sample[]>();
  for (const sample of samples) {
    if (sample.name !== `${name}_bucket`) continue;
    const { le, ...labels } = sample.labels;
    const key = JSON.stringify(Object.entries(labels).sort());
    series.set(key, [...(series.get(key) ?? []), sample]);
  }
  return [...series.values()];
}

function* buckets(family: FamilySnapshot): Iterable<Problem> {
  for (const series of bucketsOf(family)) {
    const last = series.at(-1);
    if (last?.labels.le !== '+Inf') {
      const remedy = 'End each histogram with a bucket that holds all observations, le="+Inf".';
      yield {
        ...error('no-inf-bucket', 'histogram should have a bucket le="+Inf" as its last one', remedy),
        sample: last,
      };
      return;
    }
    for (let i = 1; i < series.length; i++) {
      const [before, after] = [series[i - 1], series[i]];
      if (boundOf(after) > boundOf(before) && after.value >= before.value) continue;
      const remedy = 'Sort the buckets by their bounds, each with the count of all observations up to its bound.';
      yield { ...error('not-cumulative', 'buckets should be cumulative and sorted by "le"', remedy), sample: after };
      return;
    }
  }
}

function* quantiles(family: FamilySnapshot): Iterable<Problem> {
  for (const sample of family.samples) {
    const { quantile } = sample.labels;
    if (sample.name !== family.name || (Number(quantile) >= 0 && Number(quantile) <= 1)) continue;
    const remedy = 'Write quantiles from 0 to 1: 0.99, not 99.';
    yield { ...error('quantile-range', `quantile should be from 0 to 1, not "${quantile ?? ''}"`, remedy), sample };
    return;
  }
}

function* exemplars(family: FamilySnapshot): Iterable<Problem> {
  for (const sample of family.samples) {
    const { exemplar } = sample;
    if (exemplar === undefined) continue;
    if (Object.hasOwn(exemplar.labels, 'traceId') || Object.hasOwn(exemplar.labels, 'traceID')) {
      const remedy = 'Name the label trace_id, which Grafana and OpenTelemetry look for.';
      yield { ...warning('trace-id', 'exemplars should name their trace "trace_id"', remedy), sample };
      return;
    }
    if (sample.name.endsWith('_bucket') && exemplar.value > boundOf(sample)) {
      const remedy = 'Attach the exemplar to the bucket that its value falls into.';
      yield { ...error('exemplar-bucket', 'exemplar should be within its bucket', remedy), sample };
      return;
    }
  }
}

/**
 * Finds names that become equal when dots become underscores, as in OpenTelemetry's exporters and on pages for older
 * scrapers.
 */
function* clash(family: FamilySnapshot, families: readonly FamilySnapshot[]): Iterable<Problem> {
  const plain = (name: string) => name.replace(/[^a-zA-Z0-9_:]/gu, '_');
  const other = families.find(({ name }) => name !== family.name && plain(name) === plain(family.name));
  if (other === undefined || plain(family.name) === family.name) return;
  const remedy = 'Rename one: scrapers that do not support UTF-8 names get both under one name.';
  yield error(
    'name-clash',
    `"${family.name}" and "${other.name}" become one name when dots become underscores`,
    remedy,
  );
}
