import process from 'node:process';
import type { DefaultCollector } from './scope.js';

/** Bun and Deno tell the version of Node that they are compatible with. */
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
    (set) => set(1, process.version, major, minor, patch),
  );
};
