import process from 'node:process';
import type { DefaultCollector } from './scope.js';
import { sharedReading } from './shared-reading.js';

/** CPU time since the process began, not since the call, so that stopping and starting again loses nothing. */
export const processCpuTotal: DefaultCollector = (scope) => {
  if (typeof process.cpuUsage !== 'function') return;
  const usage = sharedReading(() => process.cpuUsage());

  scope.counter({ name: 'process_cpu_user_seconds_total', help: 'Total user CPU time spent in seconds.' }, () =>
    seconds(usage().user),
  );
  scope.counter({ name: 'process_cpu_system_seconds_total', help: 'Total system CPU time spent in seconds.' }, () =>
    seconds(usage().system),
  );
  scope.counter({ name: 'process_cpu_seconds_total', help: 'Total user and system CPU time spent in seconds.' }, () =>
    seconds(usage().user + usage().system),
  );
};

function seconds(microseconds: number): number {
  return microseconds / 1e6;
}
