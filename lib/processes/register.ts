import { isClusterWorker } from '../model/load-at-runtime.js';
import { GROUP_FOLDER } from '../model/process-wide.js';
import { defaultRegister } from '../registry/default-registry.js';
import type { Registry } from '../registry/registry.js';
import { shareByEnvironment, shareIn } from './multiprocess.js';

/**
 * The default registry: one per process, whatever copies of promark are loaded. If `PROMETHEUS_MULTIPROC_DIR` is set,
 * its pages show all processes with the same value.
 */
export const register: Registry = shared(defaultRegister);

/** Lets a registry join the group of processes that the environment names or, in a cluster worker, the primary. */
function shared(registry: Registry): Registry {
  const dir = process.env[GROUP_FOLDER];
  if (dir === undefined && isClusterWorker()) awaitInvitation(registry);
  else if (dir !== undefined && dir !== '') shareByEnvironment(registry);
  return registry;
}

/** Sent to workers forked before the group existed: the location of its folder. */
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
