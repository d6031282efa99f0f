// Node's own, so that a test with fake timers does not keep a scrape waiting.
import { setImmediate } from 'node:timers';
import { DelayWindow } from './delay-window.js';
import type { DefaultCollector } from './scope.js';

/** How long work waits for its turn: one turn measured by the scrape itself, and the delays of a window of time. */
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
  const asked = performance.now();
  return new Promise((resolve) => setImmediate(() => resolve((performance.now() - asked) / 1000)));
}
