import { Counter } from '../../metrics/counter.js';
import type { GaugeReport } from '../../metrics/gauge.js';
import { Gauge } from '../../metrics/gauge.js';
import { Histogram } from '../../metrics/histogram.js';
import { Summary } from '../../metrics/summary.js';
import { ConfigError } from '../../model/errors.js';
import type { Aggregator } from '../../promclient/metric-object.js';
import type { Registry } from '../registry.js';

/** The options of default metrics, with all defaults filled in. */
export interface Options {
  readonly register: Registry;
  readonly prefix: string;
  /** The constant labels; numbers stay numbers in prom-client's JSON. */
  readonly labels: Readonly<Record<string, string | number>>;
  readonly legacyNames: boolean;
  readonly gcDurationBuckets: readonly number[];
  /** Milliseconds. */
  readonly eventLoopMonitoringPrecision: number;
  readonly eventLoopLagWindowSeconds: number;
  /** Milliseconds. */
  readonly eventLoopUtilizationTimeout: number;
  readonly eventLoopUtilizationBuckets: readonly number[];
  readonly eventLoopUtilizationPercentiles: readonly number[];
  readonly eventLoopUtilizationAgeBuckets: number;
  readonly eventLoopUtilizationMaxAgeSeconds: number;
}

const versions: Readonly<Record<string, string | undefined>> = process.versions;

/**
 * The current runtime. Used only if a runtime has a function of Node's that returns nothing or made-up numbers;
 * otherwise, collectors check whether the function exists.
 */
export const runtime: 'node' | 'bun' | 'deno' =
  versions.bun !== undefined ? 'bun' : versions.deno !== undefined ? 'deno' : 'node';

/**
 * Lets the families of one source share a reading: a scrape reads the source once, so the families are consistent. Each
 * can still be read alone.
 *
 * A registry reads all families in one synchronous run, so a reading is valid until the next microtask.
 */
export function sharedReading<T>(read: () => T): () => T {
  let last: { readonly value: T } | undefined;
  return () => {
    if (last === undefined) {
      last = { value: read() };
      queueMicrotask(() => {
        last = undefined;
      });
    }
    return last.value;
  };
}

/**
 * One group of default metrics: creates its families through the scope, or none if the runtime lacks the source, and
 * passes cleanup functions to `scope.onStop`. Never throws because a runtime lacks something.
 */
export type DefaultCollector = (scope: CollectorScope) => void;

/** The configuration of a default metric, without prefix, constant labels and registry, which come from the options. */
export interface DefaultMetricConfig {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
  readonly aggregator?: Aggregator;
}

interface HistogramFamilyConfig extends DefaultMetricConfig {
  readonly buckets: readonly number[];
}

interface SummaryFamilyConfig extends DefaultMetricConfig {
  readonly percentiles: readonly number[];
  readonly maxAgeSeconds: number;
  readonly ageBuckets: number;
}

type DefaultMetric = Counter<string> | Gauge<string> | Histogram<string> | Summary<string>;

/** A started collector: creates its families, and undoes everything when it stops. */
export class CollectorScope {
  readonly #families: DefaultMetric[] = [];
  readonly #undo: (() => void)[] = [];

  constructor(
    readonly options: Options,
    /** Whether it reports on the whole process, regardless of the thread that runs it. */
    private readonly isOfProcess: boolean,
  ) {}

  /** Adds a gauge with the series of a report, which is called before every page. */
  gauge(config: DefaultMetricConfig, report: GaugeReport): void {
    const gauge = new Gauge<string>({ ...this.#config(config), aggregate: 'liveall' });
    gauge.report((set) => report((value, ...values) => set(value, ...this.labelValues(...values))));
    this.#families.push(gauge);
  }

  /** Adds a counter that follows a total counted elsewhere. After a reset of the metric, it continues from 0. */
  counter(config: DefaultMetricConfig, total: () => number): void {
    let last = 0;
    const advance = (): void => {
      const now = total();
      // Some totals are sums of two clocks, and may appear to decrease.
      if (now <= last) return;
      counter.labels(...this.labelValues()).inc(now - last);
      last = now;
    };
    const counter: Counter<string> = new Counter<string>({ ...this.#config(config), collect: advance });
    this.#families.push(counter);
  }

  histogram({ buckets, ...config }: HistogramFamilyConfig): Histogram<string> {
    const histogram = new Histogram<string>({ ...this.#config(config), buckets });
    this.#families.push(histogram);
    return histogram;
  }

  summary({ percentiles, maxAgeSeconds, ageBuckets, ...config }: SummaryFamilyConfig): Summary<string> {
    const summary = new Summary<string>({ ...this.#config(config), percentiles, maxAgeSeconds, ageBuckets });
    this.#families.push(summary);
    return summary;
  }

  /** Returns the values for `labels(...)`: those of the family itself, then the constant ones. */
  labelValues(...values: readonly (string | number)[]): (string | number)[] {
    return [...values, ...Object.values(this.options.labels)];
  }

  /** Adds a function to call when the collector stops. */
  onStop(undo: () => void): void {
    this.#undo.push(undo);
  }

  /** Whether all families are still registered; `registry.clear()` removes them. */
  get intact(): boolean {
    return this.#families.every((family) => this.#isRegistered(family));
  }

  /** Undoes everything, once. Leaves families that another caller has registered under the same name since then. */
  stop(): void {
    for (const undo of this.#undo.splice(0)) undo();
    for (const family of this.#families.splice(0)) {
      if (this.#isRegistered(family)) this.options.register.removeSingleMetric(family.name);
    }
  }

  #isRegistered(family: DefaultMetric): boolean {
    return this.options.register.getSingleMetric(family.name) === family;
  }

  #config({ name, help, labelNames = [], aggregator }: DefaultMetricConfig) {
    const { prefix, labels, register } = this.options;
    const constant = Object.keys(labels);
    const clash = constant.find((label) => labelNames.includes(label));
    if (clash !== undefined) {
      throw new ConfigError(
        `collectDefaultMetrics: the option labels sets "${clash}", but ${name} has a label "${clash}" of its own ` +
          `(${labelNames.join(', ')}). Rename yours, or switch that collector off with the option collectors.`,
      );
    }
    return {
      name: prefix + name,
      help,
      labelNames: [...labelNames, ...constant],
      unit: name.match(/_(seconds|bytes|ratio)(_total)?$/)?.[1],
      registers: [register],
      aggregator,
      isOfProcess: this.isOfProcess,
    };
  }
}
