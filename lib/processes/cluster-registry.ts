import type { Worker } from 'node:cluster';
import { clusterModule } from '../model/load-at-runtime.js';
import type { RegistryContentType } from '../promclient/exports.js';
import { Registry } from '../registry/registry.js';
import {
  collectFrom,
  type Invitation,
  type Multiprocess,
  multiprocess,
  register,
  shareOnly,
  writeAll,
} from './multiprocess.js';

/**
 * A page with the metrics of all workers of a cluster, under the name of prom-client. The workers are not asked: their
 * metrics are read from files in a temporary folder, or in the folder named by `PROMETHEUS_MULTIPROC_DIR`. The primary's
 * own metrics are not on this page; the pages of `ClusterRegistry` and of `register` have both.
 *
 * @example
 * const workers = new AggregatorRegistry();
 * if (cluster.isPrimary) {
 *   for (let i = 0; i < 4; i++) cluster.fork();
 *   createServer(async (_, response) => response.end(await workers.clusterMetrics())).listen(9100);
 * }
 */
export class AggregatorRegistry<
  ContentType extends RegistryContentType = RegistryContentType,
> extends Registry<ContentType> {
  constructor(contentType?: ContentType) {
    super(contentType);
    if (!clusterModule().isPrimary) return;
    // Named so that bundlers keep the code that lets workers join.
    const group = multiprocess({ registry: register });
    this.collect(group.dir);
    invite(group);
  }

  /** Returns the page of all workers, including those that have ended. */
  clusterMetrics(): Promise<string> {
    return this.metrics();
  }

  /** Resolves immediately: no request to a worker is ever pending. */
  async shutdown(): Promise<void> {}

  /** In a worker, sets the registries that the cluster's page shows instead of `register`. */
  static setRegistries(registries: Registry | readonly Registry[]): void {
    shareOnly(Array.isArray(registries) ? (registries as readonly Registry[]) : [registries as Registry]);
  }

  /** @internal */
  protected collect(dir: string): void {
    collectFrom(this, dir, register);
  }
}

/**
 * A page with the metrics of all workers of a cluster and of its primary, under the name of `@prometheus-io/client`.
 *
 * @example
 * const registry = new ClusterRegistry();
 * if (cluster.isPrimary) startHttpServer({ registry, port: 9100 });
 */
export class ClusterRegistry<
  ContentType extends RegistryContentType = RegistryContentType,
> extends AggregatorRegistry<ContentType> {
  /** Returns the page of all workers, including those that have ended, and of the primary. */
  override async clusterMetrics(): Promise<string> {
    await writeAll();
    return this.metrics();
  }

  /** @internal */
  protected override collect(dir: string): void {
    collectFrom(this, dir);
  }
}

/** Workers forked later find the folder in their environment. */
function invite({ dir }: Multiprocess): void {
  const invitation: Invitation = { type: 'promark:multiprocess', dir };
  for (const worker of Object.values(clusterModule().workers ?? {}) as Worker[]) worker.send(invitation);
}
