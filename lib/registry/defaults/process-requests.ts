import process from 'node:process';
import { classNames, reportActive } from './active-counts.js';
import { runtime } from './runtime.js';
import type { DefaultCollector } from './scope.js';

export const processRequests: DefaultCollector = (scope) => {
  // Undocumented, so it may go. Bun has the function, but its list is always empty.
  const { _getActiveRequests: requests } = process as { _getActiveRequests?: () => readonly unknown[] };
  if (typeof requests !== 'function' || runtime === 'bun') return;

  reportActive(
    scope,
    {
      name: 'nodejs_active_requests',
      help: 'Number of active libuv requests grouped by request type. Every request type is C++ class name.',
      totalHelp: 'Total number of active requests.',
    },
    () => classNames(requests.call(process)),
  );
};
