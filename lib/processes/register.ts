import { isClusterWorker } from '../model/load-at-runtime.js';
import { groupFolder } from '../model/process-wide.js';
import { defaultRegister } from '../registry/default-registry.js';
import type { Registry } from '../registry/registry.js';
import { shareByEnvironment, shareIn } from './multiprocess.js';

/**
 * The default registry: one per process, whatever copies of promark are loaded. If `PROMETHEUS_MULTIPROC_DIR` is set,
 * its pages show all processes with the same value.
 */
export const register: Registry = inGroupOfProcesses(defaultRegister);

/**
 * Lets a registry join a group of processes, and returns the registry. The group is the one that the environment names
 * or, in a cluster worker, the one that the primary announces.
 */
function inGroupOfProcesses(registry: Registry): Registry {
  if (groupFolder() !== undefined) shareByEnvironment(registry);
  else if (isClusterWorker()) awaitInvitation(registry);
  return registry;
}

/** Tells a worker that was forked before the group existed where its folder is. */
export interface Invitation {
  readonly type: 'promark:multiprocess';
  readonly dir: string;
}

function awaitInvitation(registry: Registry): void {
  const listener = (message: unknown) => {
    if ((message as Partial<Invitation> | null)?.type !== 'promark:multiprocess') return;
    process.off('message', listener);
    shareIn((message as Invitation).dir, registry);
  };
  process.on('message', listener);
}
