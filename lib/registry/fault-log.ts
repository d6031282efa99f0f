import { Counter } from '../metrics/counter.js';
import type { MetricRegistry } from '../metrics/metric-registry.js';
import type { Faults } from '../model/faults.js';
import type { Store } from '../store/store.js';

/** Where warnings go: `console`, or a logger of one's own. */
export interface Logger {
  warn(message: string): void;
}

/**
 * What went wrong while measuring and collecting: each kind counted in a metric, and told once for each family or
 * place. The metrics come into being with the first fault, so that a healthy page does not mention them.
 */
export class FaultLog implements Faults {
  private counters = new Map<string, Counter<string>>();
  private told = new Set<string>();
  /** Is told of a metric when it comes into being. */
  appeared: ((metric: Counter<string>) => void) | undefined;

  /** The counters take their cells from the registry's store but are no members of the registry. */
  private readonly registers: readonly MetricRegistry[];

  constructor(
    private readonly logger: Logger,
    store: Store,
  ) {
    this.registers = [{ store, maxSeries: 10_000, faults: SILENT, registerMetric() {}, removeSingleMetric() {} }];
  }

  overflow(family: string, limit: number): void {
    this.count(
      'promark_overflow_total',
      'Recording calls that went to the overflow series of a full family',
      'family',
      family,
    );
    this.tell(
      `overflow ${family}`,
      `Metric "${family}" has ${limit} series and takes no more (maxSeries): what would be a new one is recorded with the ` +
        'label values "__overflow__". A label probably holds an id or a raw path.',
    );
  }

  collectFailed(family: string, error: unknown): void {
    this.count(
      'promark_collect_errors_total',
      'Times a family was left out of a page because collecting it failed',
      'family',
      family,
    );
    this.tell(
      `collect ${family}`,
      `"${family}" is left out of the page, because collecting it failed: ${reason(error)}`,
    );
  }

  instrumentation(where: string, error: unknown): void {
    this.count(
      'promark_instrumentation_errors_total',
      'Faults in measuring, kept from the measured code',
      'where',
      where,
    );
    this.tell(
      `instrumentation ${where}`,
      `Measuring failed in ${where}; the measured code is not affected: ${reason(error)}`,
    );
  }

  /** Counts a family of another thread or process that is left out of pages, because newer ones define it differently. */
  conflictingSource(family: string): void {
    this.count(
      'promark_conflicting_families_total',
      'Families of other threads or processes left out of pages because a newer one defines them differently',
      'family',
      family,
    );
    this.tell(
      `conflict ${family}`,
      `"${family}" is defined differently in several threads or processes, with another type, other labels, buckets, ` +
        'quantiles or states. Pages have the values of those that agree with the newest one; the others are left out.',
    );
  }

  /** Counts that a metrics server's thread ended and was started again. Why it ended is logged as a fault. */
  serverThreadRestarted(port: number): void {
    this.count(
      'promark_server_thread_restarts_total',
      'Times the thread of a metrics server was started again',
      'port',
      String(port),
    );
  }

  /** Tells of what is no fault, once. */
  warn(message: string): void {
    this.tell(message, message);
  }

  /** The metrics that count the faults, so far as there were any. */
  get metrics(): readonly Counter<string>[] {
    return [...this.counters.values()];
  }

  /** Starts anew, as if nothing had happened. Returns a function that brings back what had. */
  setAside(): () => void {
    const { counters, told } = this;
    this.counters = new Map();
    this.told = new Set();
    return () => {
      this.counters = counters;
      this.told = told;
      for (const counter of counters.values()) this.appeared?.(counter);
    };
  }

  /** Forgets the counts, but not what has been logged. */
  clear(): void {
    this.counters = new Map();
  }

  private count(name: string, help: string, label: string, value: string): void {
    let counter = this.counters.get(name);
    if (counter === undefined) {
      counter = new Counter({ name, help, labelNames: [label] as const, registers: this.registers });
      this.counters.set(name, counter);
      this.appeared?.(counter);
    }
    counter.labels(value).inc();
  }

  private tell(key: string, message: string): void {
    if (this.told.has(key)) return;
    this.told.add(key);
    try {
      this.logger.warn(`promark: ${message}`);
    } catch {
      // A logger that throws must not take the measured code with it.
    }
  }
}

/** For the counters themselves: a full one must not count that on itself. */
const SILENT: Faults = { overflow() {}, collectFailed() {}, instrumentation() {} };

function reason(error: unknown): string {
  try {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  } catch {
    return 'an error that cannot be shown';
  }
}
