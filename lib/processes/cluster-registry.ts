import cluster, { type Worker } from 'node:cluster';
import type { RegistryContentType } from '../promclient/exports.js';
import { Registry } from '../registry/registry.js';
import { collectFrom, type Invitation, type Multiprocess, multiprocess, register, shareOnly } from './multiprocess.js';

/**
 * The page of all workers of a cluster, under the names of prom-client (`AggregatorRegistry`) and `@prometheus-io/client`.
 * Nothing is asked of the workers: what they count lies in files of a temporary folder, or of the one that
 * `PROMETHEUS_MULTIPROC_DIR` names. What the primary itself counts is not on this page; that of `register` has both.
 *
 * @example
 * const workers = new AggregatorRegistry();
 * if (cluster.isPrimary) {
 *   for (let i = 0; i < 4; i++) cluster.fork();
 *   createServer(async (_, response) => response.end(await workers.clusterMetrics())).listen(9100);
 * }
 */
export class ClusterRegistry<
  ContentType extends RegistryContentType = RegistryContentType,
> extends Registry<ContentType> {
  constructor(contentType?: ContentType) {
    super(contentType);
    if (!cluster.isPrimary) return;
    // Named, so that bundlers keep what lets workers join.
    const group = multiprocess({ registry: register });
    collectFrom(this, group.dir, register);
    invite(group);
  }

  /** The page of all workers, those that have ended included. */
  clusterMetrics(): Promise<string> {
    return this.metrics();
  }

  /** Resolves at once: no request to a worker is ever under way. */
  async shutdown(): Promise<void> {}

  /** In a worker: which registries the cluster's page shows, instead of `register`. */
  static setRegistries(registries: Registry | readonly Registry[]): void {
    shareOnly(Array.isArray(registries) ? (registries as readonly Registry[]) : [registries as Registry]);
  }
}

/** Workers that are forked later have the folder in their environment. */
function invite({ dir }: Multiprocess): void {
  const invitation: Invitation = { type: 'promark:multiprocess', dir };
  for (const worker of Object.values(cluster.workers ?? {}) as Worker[]) worker.send(invitation);
}
