import { register as defaultRegister } from '../registry/default-registry.js';
import type { Registry } from '../registry/registry.js';
import { awaitInvitation, sharedByEnvironment } from './multiprocess.js';

/**
 * The registry of metrics that name none: one in a process, whatever copies of promark are loaded. If the variable
 * `PROMETHEUS_MULTIPROC_DIR` is set, its pages show all processes that have the same value of it.
 */
export const register: Registry = awaitInvitation(sharedByEnvironment(defaultRegister));
