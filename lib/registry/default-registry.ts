import { defaultRegistry } from '../metrics/metric-registry.js';
import { noteCopy } from './copies.js';
import { Registry } from './registry.js';
import { linkThreads } from './thread-link.js';

/** The registry that metrics go to when they name none: one in a process, whatever copies of promark are loaded. */
export const register: Registry = defaultRegistry(() => {
  const registry = new Registry();
  linkThreads(registry);
  return registry;
});

noteCopy(import.meta.url, register.faults);
