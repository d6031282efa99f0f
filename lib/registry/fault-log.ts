import { Counter } from '../metrics/counter.js';
import type { MetricRegistry } from '../metrics/metric-registry.js';
import type { Faults } from '../model/faults.js';
import type { Store } from '../store/store.js';

/** The receiver of warnings: `console`, or any logger with this method. */
export interface Logger {
  /** Logs one line. `console` has this method, and so do most loggers. */
  warn(message: string): void;
}

/** The registry whose faults are counted. */
export interface FaultOwner {
  /** Called with each metric that counts faults, when it is created. */
  faultAppeared(metric: Counter<string>): void;
}

/**
 * Counts faults in measuring and collecting, by kind, and logs each once per family or method. The metrics are created
 * at the first fault, so the page of a healthy program does not have them.
 */
export class FaultLog implements Faults {
  private counters = new Map<string, Counter<string>>();
  /** The families of other threads and processes that have already been counted as left out. */
  private readonly conflicts = new Set<string>();
  /** The keys of messages that have been logged. */
  private logged = new Set<string>();

  /** The counters take their cells from the registry's store but are no members of the registry. */
  private readonly registers: readonly MetricRegistry[];

  constructor(
    private readonly logger: Logger,
    store: Store,
    private readonly owner?: FaultOwner,
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
    this.logOnce(
      `overflow ${family}`,
      `Metric "${family}" has ${limit} series and takes no more (maxSeries): further label values are recorded in one ` +
        'series whose labels are "__overflow__". A label probably holds an id or a raw path.',
    );
  }

  collectFailed(family: string, error: unknown): void {
    this.count(
      'promark_collect_errors_total',
      'Times a family was left out of a page because collecting it failed',
      'family',
      family,
    );
    this.logOnce(
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
    this.logOnce(
      `instrumentation ${where}`,
      `Measuring failed in ${where}; the measured code is not affected: ${reason(error)}`,
    );
  }

  /**
   * Counts a family of another thread or process that is left out of pages, because newer ones define it differently:
   * once for each `source`, regardless of the thread that renders the pages. `rival` is a newer family of another name
   * with samples of the same name.
   */
  conflictingSource(family: string, source: string, rival?: string): void {
    const key = JSON.stringify([family, source]);
    if (this.conflicts.has(key)) return;
    this.conflicts.add(key);
    this.count(
      'promark_conflicting_families_total',
      'Families of other threads or processes left out of pages because a newer one defines them differently',
      'family',
      family,
    );
    if (rival !== undefined) {
      this.logOnce(
        `conflict ${family} ${rival}`,
        `"${family}" is left out of pages, because "${rival}", which a newer thread or process has, writes samples of the ` +
          'same name. Rename one of them.',
      );
      return;
    }
    this.logOnce(
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

  /** Logs a message once. */
  warn(message: string): void {
    this.logOnce(message, message);
  }

  /** The metrics that count faults; none before the first fault. */
  get metrics(): readonly Counter<string>[] {
    return [...this.counters.values()];
  }

  /** Replaces counts and log by empty ones. Returns a function that restores both. */
  isolate(): () => void {
    const { counters, logged } = this;
    this.counters = new Map();
    this.logged = new Set();
    return () => {
      this.counters = counters;
      this.logged = logged;
      for (const counter of counters.values()) this.owner?.faultAppeared(counter);
    };
  }

  /** Removes the counts, but not the record of what has been logged. */
  clear(): void {
    this.counters = new Map();
  }

  private count(name: string, help: string, label: string, value: string): void {
    let counter = this.counters.get(name);
    if (counter === undefined) {
      counter = new Counter({ name, help, labelNames: [label] as const, registers: this.registers });
      this.counters.set(name, counter);
      this.owner?.faultAppeared(counter);
    }
    counter.labels(value).inc();
  }

  private logOnce(key: string, message: string): void {
    if (this.logged.has(key)) return;
    this.logged.add(key);
    try {
      this.logger.warn(`promark: ${message}`);
    } catch {
      // A logger that throws must not break the measured code.
    }
  }
}

/** For the counters themselves: a full one must not count its own overflow. */
const SILENT: Faults = { overflow() {}, collectFailed() {}, instrumentation() {} };

function reason(error: unknown): string {
  try {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  } catch {
    return 'an error that cannot be shown';
  }
}
