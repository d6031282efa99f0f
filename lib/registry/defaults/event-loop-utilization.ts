import { performance } from 'node:perf_hooks';
import { runtime } from './runtime.js';
import type { DefaultCollector } from './scope.js';

const HELP =
  'Ratio of time the event loop is not idling in the event provider to the total time the event loop is running.';

/** How busy the event loop is, from 0 to 1, one observation for each interval of `eventLoopUtilizationTimeout`. */
export const eventLoopUtilization: DefaultCollector = (scope) => {
  // Bun and Deno have the function, but all its numbers are 0.
  if (typeof performance.eventLoopUtilization !== 'function' || runtime !== 'node') return;
  const { options } = scope;
  const interval = options.eventLoopUtilizationTimeout;
  const buckets = options.eventLoopUtilizationBuckets;
  const labels = scope.labelValues();

  // A name must not hold its type, says promtool; so only prom-client's dashboards get the two that do.
  const histogram = scope.histogram({
    name: options.legacyNames ? 'nodejs_eventloop_utilization_histogram' : 'nodejs_eventloop_utilization_ratio',
    help: HELP,
    buckets,
  });
  const summary = options.legacyNames
    ? scope.summary({
        name: 'nodejs_eventloop_utilization_summary',
        help: HELP,
        percentiles: options.eventLoopUtilizationPercentiles,
        ageBuckets: options.eventLoopUtilizationAgeBuckets,
        maxAgeSeconds: options.eventLoopUtilizationMaxAgeSeconds,
      })
    : undefined;

  let before = performance.eventLoopUtilization();
  let since = performance.now();
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization();
    const at = performance.now();
    const { utilization } = performance.eventLoopUtilization(now, before);
    // A blocked loop runs the timer once for many intervals. Each of them counts, or busy time would weigh too little.
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
