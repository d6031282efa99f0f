import cluster from 'node:cluster';
import type { Identity } from './identity.js';

/** The labels that series of a process have where each process has series of its own. */
export function labelsBy(label: string) {
  return ({ pid, worker }: Pick<Identity, 'pid' | 'worker'>) => ({
    [label]: label === 'pid' ? String(pid) : (worker ?? String(pid)),
  });
}

/** The number of a cluster's worker, or of an instance of PM2. */
export function workerName(): string | undefined {
  const { NODE_APP_INSTANCE: instance } = process.env;
  return instance ?? (cluster.worker === undefined || cluster.worker === null ? undefined : String(cluster.worker.id));
}
