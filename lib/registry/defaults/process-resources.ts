import process from 'node:process';
import { reportActive } from './active-counts.js';
import { runtime } from './runtime.js';
import type { DefaultCollector } from './scope.js';

export const processResources: DefaultCollector = (scope) => {
  // Bun has the function, but its list is always empty.
  if (typeof process.getActiveResourcesInfo !== 'function' || runtime === 'bun') return;

  reportActive(
    scope,
    {
      name: 'nodejs_active_resources',
      help: 'Number of active resources that are currently keeping the event loop alive, grouped by async resource type.',
      totalHelp: 'Total number of active resources.',
    },
    () => process.getActiveResourcesInfo(),
  );
};
