import { readProcFile } from './proc-file.js';
import type { DefaultCollector } from './scope.js';

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
