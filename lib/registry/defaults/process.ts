import { builtin } from '../../model/load-at-runtime.js';
import { type CollectorScope, type DefaultCollector, runtime, sharedReading } from './scope.js';

/**
 * Returns a file of this process under /proc, or undefined if there is none (another system, a sandbox). Read
 * synchronously: the kernel generates it in some 20 microseconds, less than a round trip through the thread pool costs
 * the event loop, and the file is closed before open descriptors are counted.
 */
export function readProcFile(name: 'status' | 'limits'): string | undefined {
  try {
    return builtin('node:fs').readFileSync(`/proc/self/${name}`, 'utf8');
  } catch {
    return undefined;
  }
}

/** CPU time since the start of the process, not of the collector, so that restarting the collector loses nothing. */
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

let startSeconds: number | undefined;

export const processStartTime: DefaultCollector = (scope) => {
  if (typeof process.uptime !== 'function') return;
  // Computed once: the two clocks would yield a slightly different result each time, and trigger alerts on changes().
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

/** Memory as reported by the operating system: resident everywhere, virtual and heap on Linux. */
export const osMemoryHeap: DefaultCollector = (scope) => {
  const status = sharedReading(() => readProcFile('status'));
  const hasStatus = status() !== undefined;
  const rss = process.memoryUsage?.rss;
  if (!hasStatus && typeof rss !== 'function') return;

  scope.gauge({ name: 'process_resident_memory_bytes', help: 'Resident memory size in bytes.' }, (set) =>
    set(bytesOf(status(), 'VmRSS') ?? rss?.()),
  );
  if (!hasStatus) return;
  scope.gauge({ name: 'process_virtual_memory_bytes', help: 'Virtual memory size in bytes.' }, (set) =>
    set(bytesOf(status(), 'VmSize')),
  );
  scope.gauge({ name: 'process_heap_bytes', help: 'Process heap size in bytes.' }, (set) =>
    set(bytesOf(status(), 'VmData')),
  );
};

/** A line of the file reads `VmRSS:     45732 kB`. */
function bytesOf(status: string | undefined, field: 'VmRSS' | 'VmSize' | 'VmData'): number | undefined {
  const kilobytes = status?.match(new RegExp(`^${field}:\\s*(\\d+) kB$`, 'm'))?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

const FOLDER = '/proc/self/fd';

export const processOpenFileDescriptors: DefaultCollector = (scope) => {
  if (folderSize() === undefined) return;

  scope.gauge({ name: 'process_open_fds', help: 'Number of open file descriptors.' }, (set) => {
    const count = folderSize();
    // Linux before 6.2 reports size 0. Listing the folder may take long, so it is done in the thread pool.
    return count === 0 ? listed().then(set) : set(count);
  });
};

/** Since Linux 6.2, the size of the folder is the number of descriptors. */
function folderSize(): number | undefined {
  try {
    return builtin('node:fs').statSync(FOLDER).size;
  } catch {
    return undefined;
  }
}

async function listed(): Promise<number | undefined> {
  try {
    // Without the descriptor that lists the folder.
    return (await builtin('node:fs/promises').readdir(FOLDER)).length - 1;
  } catch {
    return undefined;
  }
}

export const processMaxFileDescriptors: DefaultCollector = (scope) => {
  if (softLimit() === undefined) return;

  // Read at each scrape, because the limit of a running process can be changed (prlimit).
  scope.gauge({ name: 'process_max_fds', help: 'Maximum number of open file descriptors.' }, (set) => set(softLimit()));
};

/** The line reads `Max open files            1024                 524288               files`, the soft limit first. */
function softLimit(): number | undefined {
  const limit = readProcFile('limits')?.match(/^Max open files\s+(\d+|unlimited)/m)?.[1];
  if (limit === undefined) return undefined;
  return limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit);
}

/** Name and help texts of a metric that counts by type. */
export interface ActiveCounts {
  readonly name: string;
  readonly help: string;
  readonly totalHelp: string;
}

/**
 * Adds two gauges of what keeps the event loop alive: `<name>{type}` and their sum, `<name>_total`. promtool rejects
 * the latter name for a gauge, so it is one of the legacy names.
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

/** Returns the class names of objects, which prom-client uses as `type`. */
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
