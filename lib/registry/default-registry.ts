import { defaultRegistry } from '../metrics/metric-registry.js';
import { noteCopy } from './copies.js';
import { Registry } from './registry.js';

/** The registry that metrics go to when they name none: one in a process, whatever copies of promark are loaded. */
export const register: Registry = defaultRegistry(() => new Registry());

noteCopy(import.meta.url, register.faults);
