import type { IntervalHistogram, PerformanceEntry } from 'node:perf_hooks';
import { builtin } from '../../model/load-at-runtime.js';
import { type DefaultCollector, runtime, sharedReading } from './scope.js';

/**
 * Recent delays of the event loop, in seconds. Reading does not reset them.
 *
 * Two monitors run in parallel. After every window, the one that has run longer is reset, and the other, which has run
 * for one window, is read from then on. A reading therefore covers one to two windows, a delay remains visible for at
 * least one, and all readers see the same.
 *
 * All values are undefined until a delay was measured.
 */
export class DelayWindow {
  readonly #timer: NodeJS.Timeout;
  #longer: IntervalHistogram;
  #shorter: IntervalHistogram;

  /** Starts the monitors, which sample every `precision` milliseconds; undefined if the runtime has none. */
  static open(precision: number, windowSeconds: number): DelayWindow | undefined {
    // Deno has the function, but it does not measure a blocked loop.
    if (typeof builtin('node:perf_hooks').monitorEventLoopDelay !== 'function' || runtime === 'deno') return undefined;
    try {
      return new DelayWindow(precision, windowSeconds);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ERR_NOT_IMPLEMENTED') return undefined;
      throw error;
    }
  }

  private constructor(
    private readonly precision: number,
    windowSeconds: number,
  ) {
    const { monitorEventLoopDelay } = builtin('node:perf_hooks');
    this.#longer = monitorEventLoopDelay({ resolution: precision });
    this.#shorter = monitorEventLoopDelay({ resolution: precision });
    this.#longer.enable();
    this.#shorter.enable();
    this.#timer = setInterval(() => this.#rotate(), windowSeconds * 1000);
    this.#timer.unref();
  }

  get min(): number | undefined {
    return this.#delay((histogram) => histogram.min);
  }

  get max(): number | undefined {
    return this.#delay((histogram) => histogram.max);
  }

  get mean(): number | undefined {
    return this.#delay((histogram) => histogram.mean);
  }

  get stddev(): number | undefined {
    return this.#longer.count === 0 ? undefined : this.#longer.stddev / 1e9;
  }

  /** @param percentile Above 0, at most 100. */
  percentile(percentile: number): number | undefined {
    return this.#delay((histogram) => histogram.percentile(percentile));
  }

  close(): void {
    clearInterval(this.#timer);
    this.#longer.disable();
    this.#shorter.disable();
  }

  #rotate(): void {
    this.#longer.reset();
    [this.#longer, this.#shorter] = [this.#shorter, this.#longer];
  }

  /** Node records the time between two samples, which without any delay is `precision`. */
  #delay(read: (histogram: IntervalHistogram) => number): number | undefined {
    if (this.#longer.count === 0) return undefined;
    const planned = runtime === 'node' ? this.precision * 1e6 : 0;
    return Math.max(0, read(this.#longer) - planned) / 1e9;
  }
}

const HELP =
  'Ratio of time the event loop is not idling in the event provider to the total time the event loop is running.';

/** Utilization of the event loop, from 0 to 1, observed at intervals of `eventLoopUtilizationTimeout`. */
export const eventLoopUtilization: DefaultCollector = (scope) => {
  const { performance } = builtin('node:perf_hooks');
  // Bun and Deno have the function, but all its numbers are 0.
  if (typeof performance.eventLoopUtilization !== 'function' || runtime !== 'node') return;
  const { options } = scope;
  const interval = options.eventLoopUtilizationTimeout;
  const buckets = options.eventLoopUtilizationBuckets;
  const labels = scope.labelValues();

  // promtool rejects names that contain the type, so these two are among the legacy names.
  const summary = options.legacyNames
    ? scope.summary({
        name: 'nodejs_eventloop_utilization_summary',
        help: HELP,
        percentiles: options.eventLoopUtilizationPercentiles,
        ageBuckets: options.eventLoopUtilizationAgeBuckets,
        maxAgeSeconds: options.eventLoopUtilizationMaxAgeSeconds,
      })
    : undefined;
  const histogram = scope.histogram({
    name: options.legacyNames ? 'nodejs_eventloop_utilization_histogram' : 'nodejs_eventloop_utilization_ratio',
    help: HELP,
    buckets,
  });

  let before = performance.eventLoopUtilization();
  let since = performance.now();
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization();
    const at = performance.now();
    const { utilization } = performance.eventLoopUtilization(now, before);
    // After a blocked loop, the timer fires once for many intervals. Each counts as an observation, or busy time would
    // weigh too little.
    for (let missed = Math.round((at - since) / interval); missed > 0; missed -= 1) {
      histogram.labels(...labels).observe(utilization);
      summary?.labels(...labels).observe(utilization);
    }
    before = now;
    since = at;
  }, interval);
  timer.unref();
  scope.onStop(() => clearInterval(timer));
};

/** The lag of the event loop: of one turn, measured during the scrape, and over a window of time. */
export const eventLoopLag: DefaultCollector = (scope) => {
  const { eventLoopMonitoringPrecision, eventLoopLagWindowSeconds } = scope.options;

  scope.gauge(
    { name: 'nodejs_eventloop_lag_seconds', help: 'Lag of event loop in seconds.', aggregator: 'average' },
    async (set) => set(await oneTurn()),
  );

  const delays = DelayWindow.open(eventLoopMonitoringPrecision, eventLoopLagWindowSeconds);
  if (delays === undefined) return;
  scope.onStop(() => delays.close());

  scope.gauge(
    {
      name: 'nodejs_eventloop_lag_min_seconds',
      help: 'The minimum recorded event loop delay.',
      aggregator: 'min',
    },
    (set) => set(delays.min),
  );
  scope.gauge(
    {
      name: 'nodejs_eventloop_lag_max_seconds',
      help: 'The maximum recorded event loop delay.',
      aggregator: 'max',
    },
    (set) => set(delays.max),
  );
  scope.gauge(
    {
      name: 'nodejs_eventloop_lag_mean_seconds',
      help: 'The mean of the recorded event loop delays.',
      aggregator: 'average',
    },
    (set) => set(delays.mean),
  );
  scope.gauge(
    {
      name: 'nodejs_eventloop_lag_stddev_seconds',
      help: 'The standard deviation of the recorded event loop delays.',
      aggregator: 'average',
    },
    (set) => set(delays.stddev),
  );
  for (const percentile of [50, 90, 99]) {
    scope.gauge(
      {
        name: `nodejs_eventloop_lag_p${percentile}_seconds`,
        help: `The ${percentile}th percentile of the recorded event loop delays.`,
        aggregator: 'average',
      },
      (set) => set(delays.percentile(percentile)),
    );
  }
};

function oneTurn(): Promise<number> {
  // Imported from Node's modules, so that a test with fake timers does not block a scrape.
  const { performance } = builtin('node:perf_hooks');
  const { setImmediate } = builtin('node:timers');
  const asked = performance.now();
  return new Promise((resolve) => setImmediate(() => resolve((performance.now() - asked) / 1000)));
}

export const heapSizeAndUsed: DefaultCollector = (scope) => {
  if (typeof process.memoryUsage !== 'function') return;
  const memory = sharedReading(() => process.memoryUsage());

  scope.gauge({ name: 'nodejs_heap_size_total_bytes', help: 'Process heap size from Node.js in bytes.' }, (set) =>
    set(memory().heapTotal),
  );
  scope.gauge({ name: 'nodejs_heap_size_used_bytes', help: 'Process heap size used from Node.js in bytes.' }, (set) =>
    set(memory().heapUsed),
  );
  scope.gauge({ name: 'nodejs_external_memory_bytes', help: 'Node.js external memory size in bytes.' }, (set) =>
    set(memory().external),
  );
};

export const heapSpacesSizeAndUsed: DefaultCollector = (scope) => {
  // Bun has another engine: it returns V8's spaces, but with numbers made up from its single heap.
  const v8 = builtin('node:v8');
  if (typeof v8.getHeapSpaceStatistics !== 'function' || runtime === 'bun') return;
  const spaces = sharedReading(() => v8.getHeapSpaceStatistics());

  for (const [kind, field] of [
    ['total', 'space_size'],
    ['used', 'space_used_size'],
    ['available', 'space_available_size'],
  ] as const) {
    scope.gauge(
      {
        name: `nodejs_heap_space_size_${kind}_bytes`,
        help: `Process heap space size ${kind} from Node.js in bytes.`,
        labelNames: ['space'],
      },
      (set) => {
        for (const space of spaces()) set(space[field], space.space_name.replace(/_space$/, ''));
      },
    );
  }
};

/** V8's numbers for the kinds of collection. Since Node 24, Node's constants name all but the second. */
const KINDS: ReadonlyMap<number, string> = new Map([
  [1, 'minor'],
  [2, 'minor'],
  [4, 'major'],
  [8, 'incremental'],
  [16, 'weakcb'],
]);

/** Durations of garbage collections, by kind. */
export const gc: DefaultCollector = (scope) => {
  // Deno lists the entry type as supported, but no entry ever comes.
  if (runtime !== 'node' || !supportsGcEntries()) return;

  const histogram = scope.histogram({
    name: 'nodejs_gc_duration_seconds',
    help: 'Garbage collection duration by kind, one of major, minor, incremental or weakcb.',
    labelNames: ['kind'],
    buckets: scope.options.gcDurationBuckets,
  });
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      // In milliseconds.
      histogram.labels(...scope.labelValues(kindOf(entry))).observe(entry.duration / 1000);
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  scope.onStop(() => observer.disconnect());
};

function supportsGcEntries(): boolean {
  // Missing in Node's types.
  const observer = PerformanceObserver as { readonly supportedEntryTypes?: readonly string[] } | undefined;
  return observer?.supportedEntryTypes?.includes('gc') ?? false;
}

function kindOf(entry: PerformanceEntry): string {
  const { detail } = entry as { readonly detail?: { readonly kind?: number } };
  return KINDS.get(detail?.kind ?? 0) ?? 'other';
}

/** Bun and Deno report the version of Node that they are compatible with. */
export const version: DefaultCollector = (scope) => {
  const [, major, minor, patch] = process.version?.match(/^v(\d+)\.(\d+)\.(\d+)/) ?? [];
  if (major === undefined || minor === undefined || patch === undefined) return;

  scope.gauge(
    {
      name: 'nodejs_version_info',
      help: 'Node.js version info.',
      labelNames: ['version', 'major', 'minor', 'patch'],
      aggregator: 'first',
    },
    (set) => set(1, process.version, Number(major), Number(minor), Number(patch)),
  );
};
