import process from 'node:process';
import type { DefaultCollector } from './scope.js';

let startSeconds: number | undefined;

export const processStartTime: DefaultCollector = (scope) => {
  if (typeof process.uptime !== 'function') return;
  // Worked out once: each time the two clocks would give a slightly other result, which alerts on changes() would see.
  startSeconds ??= Math.round(Date.now() / 10 - process.uptime() * 100) / 100;
  const start = startSeconds;

  scope.gauge(
    {
      name: 'process_start_time_seconds',
      help: 'Start time of the process since unix epoch in seconds.',
      aggregator: 'omit',
    },
    (set) => set(start),
  );
};
