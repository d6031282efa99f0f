import { register as defaultRegister } from '../registry/default-registry.js';
import type { Registry } from '../registry/registry.js';
import { sharedByEnvironment } from './multiprocess.js';

/**
 * The registry that metrics go to when they name none: one in a process, whatever copies of promark are loaded. With the
 * variable `PROMETHEUS_MULTIPROC_DIR`, it is shared with the other processes that have the same.
 */
export const register: Registry = sharedByEnvironment(defaultRegister);
