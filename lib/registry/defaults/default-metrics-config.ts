import { ConfigError, show } from '../../model/errors.js';
import { type LabelValue, toLabelString } from '../../model/labels.js';
import type { OptionNames } from '../../model/options.js';
import type { RegistryContentType } from '../../promclient/exports.js';
import { defaultRegister } from '../default-registry.js';
import type { Registry } from '../registry.js';
import { COLLECTOR_NAMES, type DefaultCollectorName } from './collector-names.js';
import type { Options } from './scope.js';

/** Options of `collectDefaultMetrics`: those of prom-client, a choice of collectors, and the window of the lag. */
export interface DefaultMetricsCollectorConfiguration<ContentType extends RegistryContentType = RegistryContentType> {
  /** Where the metrics are registered. Default: the default registry. */
  readonly register?: Registry<ContentType>;
  /** Prefix of all names: with `'shop_'`, `shop_process_cpu_seconds_total`. Default: none. */
  readonly prefix?: string;
  /** Constant labels of every series, such as `{ instance: 'a' }`. Default: none. */
  readonly labels?: Readonly<Record<string, LabelValue>>;
  /**
   * Which collectors run, by the names in `collectDefaultMetrics.metricsList`. An object switches some off, and all
   * others run: `{ gc: false }`. An array names those that run: `['gc', 'eventLoopLag']`. Default: all.
   */
  readonly collectors?: readonly DefaultCollectorName[] | { readonly [name in DefaultCollectorName]?: boolean };
  /**
   * Whether to use the names of prom-client that `promtool check metrics` refuses. With `false`,
   * `nodejs_active_handles_total`, `nodejs_active_requests_total` and `nodejs_active_resources_total` are left out
   * (they are the sums of the gauges without `_total`), and one histogram `nodejs_eventloop_utilization_ratio` replaces
   * `nodejs_eventloop_utilization_histogram` and `nodejs_eventloop_utilization_summary`. Default: true, because
   * dashboards use them.
   */
  readonly legacyNames?: boolean;
  /** Buckets of `nodejs_gc_duration_seconds`, in seconds. Default: 0.001, 0.01, 0.1, 1, 2, 5. */
  readonly gcDurationBuckets?: readonly number[];
  /** Sampling interval of the event loop's delay in milliseconds, a whole number. Default: 10. */
  readonly eventLoopMonitoringPrecision?: number;
  /**
   * Length of the window of `nodejs_eventloop_lag_{min,max,mean,stddev,p50,p90,p99}_seconds`, in seconds. A delay of
   * the event loop is visible for one to two windows, regardless of scrapes. Should not be below the scrape interval.
   * Default: 60.
   */
  readonly eventLoopLagWindowSeconds?: number;
  /** Interval at which the event loop's utilization is observed, in milliseconds. Default: 100. */
  readonly eventLoopUtilizationTimeout?: number;
  /** Buckets of the utilization's histogram, from 0 to 1. Default: 13 from 0.01 to 1. */
  readonly eventLoopUtilizationBuckets?: readonly number[];
  /** Quantiles of the utilization's summary. Default: 0.01, 0.05, 0.5, 0.9, 0.95, 0.99, 0.999. */
  readonly eventLoopUtilizationPercentiles?: readonly number[];
  /** Number of slices of the sliding window of the utilization's summary. Default: 5. */
  readonly eventLoopUtilizationAgeBuckets?: number;
  /** Length of the sliding window of the utilization's summary, in seconds. Default: 60. */
  readonly eventLoopUtilizationMaxAgeSeconds?: number;
}

/** Stops the collectors of one call of `collectDefaultMetrics`. */
export interface DefaultMetricsHandle extends Disposable {
  /**
   * Removes the metrics of this call from the registry and stops their observers, monitors and timers. Collectors that
   * another call shares continue until that one is stopped too. A second `stop()` does nothing.
   */
  stop(): void;
}

/** The options by name. */
export const OPTION_NAMES: OptionNames<DefaultMetricsCollectorConfiguration> = {
  register: true,
  prefix: true,
  labels: true,
  collectors: true,
  legacyNames: true,
  gcDurationBuckets: true,
  eventLoopMonitoringPrecision: true,
  eventLoopLagWindowSeconds: true,
  eventLoopUtilizationTimeout: true,
  eventLoopUtilizationBuckets: true,
  eventLoopUtilizationPercentiles: true,
  eventLoopUtilizationAgeBuckets: true,
  eventLoopUtilizationMaxAgeSeconds: true,
};

/** Checks a configuration and fills in the defaults. Throws ConfigError. */
export function optionsOf(config: DefaultMetricsCollectorConfiguration): Options {
  const { register = defaultRegister, prefix = '', legacyNames = true } = config;
  if (typeof register?.getSingleMetric !== 'function' || !('store' in register)) {
    refuse('register', 'a promark Registry', register);
  }
  if (typeof prefix !== 'string') refuse('prefix', 'a string', prefix);
  if (typeof legacyNames !== 'boolean') refuse('legacyNames', 'true or false', legacyNames);
  return {
    register,
    prefix,
    labels: labelsOf(config.labels ?? {}),
    legacyNames,
    gcDurationBuckets: config.gcDurationBuckets ?? [0.001, 0.01, 0.1, 1, 2, 5],
    eventLoopMonitoringPrecision: wholeMilliseconds(config.eventLoopMonitoringPrecision ?? 10),
    eventLoopLagWindowSeconds: timerTime('eventLoopLagWindowSeconds', config.eventLoopLagWindowSeconds ?? 60, 1000),
    eventLoopUtilizationTimeout: timerTime('eventLoopUtilizationTimeout', config.eventLoopUtilizationTimeout ?? 100, 1),
    eventLoopUtilizationBuckets: config.eventLoopUtilizationBuckets ?? [
      0.01, 0.05, 0.1, 0.25, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 0.95, 0.99, 1,
    ],
    eventLoopUtilizationPercentiles: config.eventLoopUtilizationPercentiles ?? [
      0.01, 0.05, 0.5, 0.9, 0.95, 0.99, 0.999,
    ],
    eventLoopUtilizationAgeBuckets: config.eventLoopUtilizationAgeBuckets ?? 5,
    eventLoopUtilizationMaxAgeSeconds: config.eventLoopUtilizationMaxAgeSeconds ?? 60,
  };
}

/** Returns the names of the collectors that a configuration selects, in page order. Throws ConfigError. */
export function wantedCollectors(
  wanted: DefaultMetricsCollectorConfiguration['collectors'] = {},
): readonly DefaultCollectorName[] {
  if (typeof wanted !== 'object' || wanted === null) {
    refuse('collectors', "an object such as { gc: false } or an array such as ['gc']", wanted);
  }
  const list = Array.isArray(wanted) ? new Set<string>(wanted) : undefined;
  const switches = new Map<string, unknown>(list === undefined ? Object.entries(wanted) : []);
  for (const name of [...(list ?? []), ...switches.keys()]) {
    if (!(COLLECTOR_NAMES as readonly string[]).includes(name)) {
      refuse('collectors', `made of the names ${COLLECTOR_NAMES.join(', ')}`, name);
    }
  }
  for (const [name, value] of switches) {
    if (value !== undefined && typeof value !== 'boolean') refuse(`collectors.${name}`, 'true or false', value);
  }
  return COLLECTOR_NAMES.filter((name) => (list === undefined ? switches.get(name) !== false : list.has(name)));
}

function labelsOf(labels: unknown): Record<string, string | number> {
  if (typeof labels !== 'object' || labels === null || Array.isArray(labels)) {
    refuse('labels', "an object such as { instance: 'a' }", labels);
  }
  return Object.fromEntries(
    Object.entries(labels).map(([label, value]) => [
      label,
      typeof value === 'number' ? value : toLabelString(value, label, '', 'collectDefaultMetrics'),
    ]),
  );
}

function wholeMilliseconds(value: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= 2 ** 31 - 1) return value;
  refuse('eventLoopMonitoringPrecision', 'a whole number of milliseconds of at least 1', value);
}

/** A timer that is longer than 2^31 - 1 milliseconds would fire at once. */
function timerTime(option: string, value: number, milliseconds: number): number {
  const waits = typeof value === 'number' ? value * milliseconds : Number.NaN;
  if (waits >= 1 && waits <= 2 ** 31 - 1) return value;
  refuse(option, `a number from ${1 / milliseconds} to ${Math.floor((2 ** 31 - 1) / milliseconds)}`, value);
}

function refuse(option: string, expected: string, value: unknown): never {
  throw new ConfigError(`collectDefaultMetrics: ${option} must be ${expected}, got ${show(value)}.`);
}
