import { type CollectorScope, type DefaultCollector, runtime, sharedReading } from './scope.js';

/** What is counted, in the words of its help texts. */
export interface ActiveCounts {
  readonly name: string;
  readonly help: string;
  readonly totalHelp: string;
}

/**
 * Two gauges of what keeps the event loop alive: `<name>{type}`, and their sum `<name>_total`, a name that promtool
 * refuses for a gauge and that is therefore kept only among the legacy names.
 */
export function reportActive(scope: CollectorScope, counts: ActiveCounts, types: () => readonly string[]): void {
  const reading = sharedReading(types);

  scope.gauge({ name: counts.name, help: counts.help, labelNames: ['type'] }, (set) => {
    const byType = new Map<string, number>();
    for (const type of reading()) byType.set(type, (byType.get(type) ?? 0) + 1);
    for (const [type, count] of byType) set(count, type);
  });
  if (!scope.options.legacyNames) return;
  scope.gauge({ name: `${counts.name}_total`, help: counts.totalHelp }, (set) => set(reading().length));
}

/** The name of the class of each object, as prom-client has them for `type`. */
export function classNames(objects: readonly unknown[]): string[] {
  return objects.map((object) => {
    const name = (object as { readonly constructor?: { readonly name?: unknown } } | null | undefined)?.constructor
      ?.name;
    return typeof name === 'string' && name !== '' ? name : 'unknown';
  });
}

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
