import type { Attributes, HrTime, ValueType } from '@opentelemetry/api';
import type { AggregationTemporality, DataPointType, MetricData } from '@opentelemetry/sdk-metrics';
import type { FamilySnapshot, Sample } from '../lib/index.js';
import { exponentialHistogramOf, histogramOf } from './histogram-data.js';
import { type SeriesSamples, seriesOf } from './series.js';
import { ucumUnit } from './units.js';

/** Milliseconds since the epoch. */
export interface Times {
  /** The start of series that do not have one. */
  readonly start: number;
  readonly now: number;
}

/**
 * Converts a family to OpenTelemetry's data (OpenTelemetry, "Prometheus and OpenMetrics Compatibility"). Names are
 * unchanged. Info and StateSet become sums, so that they add up over processes. A summary, for which the JavaScript SDK
 * has no type, becomes a gauge of quantiles and two sums; a GaugeHistogram is left out, because it has no counterpart.
 * So are values that are not finite: OTLP's JSON cannot represent them, and a collector would refuse the whole request.
 */
export function metricDataOf(family: FamilySnapshot, times: Times): MetricData[] {
  return CONVERSIONS[family.type](family, times);
}

type Conversion = (family: FamilySnapshot, times: Times) => MetricData[];

const CONVERSIONS: Readonly<Record<FamilySnapshot['type'], Conversion>> = {
  // A counter may also have a `_created` sample.
  counter: (family, times) => numbers(family, { monotonic: true }, times, ({ name }) => !name.endsWith('_created')),
  gauge: (family, times) => numbers(family, 'gauge', times),
  histogram: (family, times) => histograms(family, times),
  gaugehistogram: () => [],
  stateset: (family, times) => numbers(family, { monotonic: false }, times),
  info: (family, times) => numbers(family, { monotonic: false }, times),
  summary: (family, times) => summaries(family, times),
  unknown: (family, times) => numbers(family, 'gauge', times),
};

type NumberKind = 'gauge' | { readonly monotonic: boolean };

function numbers(
  family: FamilySnapshot,
  kind: NumberKind,
  times: Times,
  selects: (sample: Sample) => boolean = () => true,
): MetricData[] {
  const byName = new Map<string, Sample[]>();
  for (const sample of family.samples) {
    if (!selects(sample) || !Number.isFinite(sample.value)) continue;
    const others = byName.get(sample.name);
    if (others === undefined) byName.set(sample.name, [sample]);
    else others.push(sample);
  }
  return Array.from(byName, ([name, samples]) => {
    const dataPoints = samples.map((sample) => point(sample, sample.labels, sample.value, times));
    const common = { ...commonOf(family, name), dataPoints };
    if (kind === 'gauge') return { ...common, dataPointType: GAUGE };
    return { ...common, dataPointType: SUM, isMonotonic: kind.monotonic };
  });
}

function histograms(family: FamilySnapshot, times: Times): MetricData[] {
  const classic: SeriesSamples[] = [];
  const exponential = [];
  for (const series of seriesOf(family, 'le')) {
    const native = series.count?.native;
    if (native === undefined) classic.push(series);
    else exponential.push(point(series, series.labels, exponentialHistogramOf(native), times));
  }
  const common = commonOf(family, family.name);
  const data: MetricData[] = [];
  if (classic.length > 0) {
    const dataPoints = classic.map((series) => point(series, series.labels, histogramOf(series), times));
    data.push({ ...common, dataPointType: HISTOGRAM, dataPoints });
  }
  if (exponential.length > 0) data.push({ ...common, dataPointType: EXPONENTIAL_HISTOGRAM, dataPoints: exponential });
  return data;
}

function summaries(family: FamilySnapshot, times: Times): MetricData[] {
  const [sum, count] = [`${family.name}_sum`, `${family.name}_count`];
  return [
    ...numbers(family, 'gauge', times, ({ name }) => name === family.name),
    // Observations may be negative, so a sum may decrease.
    ...numbers(family, { monotonic: false }, times, ({ name }) => name === sum),
    ...numbers(family, { monotonic: true }, times, ({ name }) => name === count),
  ];
}

function commonOf(family: FamilySnapshot, name: string) {
  const isCount = family.type === 'summary' && name.endsWith('_count');
  return {
    descriptor: {
      name,
      description: family.help,
      unit: isCount ? '' : ucumUnit(family.name, family.unit),
      valueType: DOUBLE,
    },
    aggregationTemporality: CUMULATIVE,
  };
}

function point<T>(
  from: { readonly created?: number | undefined; readonly timestamp?: number },
  attributes: Attributes,
  value: T,
  { start, now }: Times,
) {
  const end = from.timestamp ?? now;
  return {
    startTime: hrTime(Math.min(from.created ?? start, end)),
    endTime: hrTime(end),
    attributes: { ...attributes },
    value,
  };
}

// The values of the SDK's enums, which are the same in all its versions. Without importing them, this entry works with
// any version of the SDK, and exemplars work without it.

export const HISTOGRAM = 0 as DataPointType.HISTOGRAM;
export const EXPONENTIAL_HISTOGRAM = 1 as DataPointType.EXPONENTIAL_HISTOGRAM;
export const GAUGE = 2 as DataPointType.GAUGE;
export const SUM = 3 as DataPointType.SUM;
export const CUMULATIVE = 1 as AggregationTemporality.CUMULATIVE;
export const DOUBLE = 1 as ValueType.DOUBLE;

/** Converts milliseconds since the epoch to seconds and nanoseconds. */
export function hrTime(milliseconds: number): HrTime {
  const seconds = Math.floor(milliseconds / 1000);
  return [seconds, Math.floor((milliseconds - seconds * 1000) * 1e6)];
}
