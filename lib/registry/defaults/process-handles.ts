import process from 'node:process';
import { classNames, reportActive } from './active-counts.js';
import { runtime } from './runtime.js';
import type { DefaultCollector } from './scope.js';

export const processHandles: DefaultCollector = (scope) => {
  // Undocumented, so it may go. Bun has the function, but its list is always empty.
  const { _getActiveHandles: handles } = process as { _getActiveHandles?: () => readonly unknown[] };
  if (typeof handles !== 'function' || runtime === 'bun') return;

  reportActive(
    scope,
    {
      name: 'nodejs_active_handles',
      help: 'Number of active libuv handles grouped by handle type. Every handle type is C++ class name.',
      totalHelp: 'Total number of active handles.',
    },
    () => classNames(handles.call(process)),
  );
};
