import type { Worker } from 'node:cluster';
import { clusterModule } from '../model/load-at-runtime.js';
import type { RegistryContentType } from '../promclient/exports.js';
import { Registry } from '../registry/registry.js';
import { collectFrom, type Multiprocess, multiprocess, shareOnly, writeAll } from './multiprocess.js';
import { type Invitation, register } from './register.js';

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
  private readonly pending = new Set<Promise<string>>();

  constructor(contentType?: ContentType) {
    super(contentType);
    if (!clusterModule().isPrimary) return;
    // Named so that bundlers keep the code that lets workers join.
    const group = multiprocess({ registry: register });
    this.collect(group.dir);
    invite(group);
  }

  /** Returns the page of all workers, including those that have ended. */
  async clusterMetrics(): Promise<string> {
    const page = this.pageOfCluster();
    this.pending.add(page);
    try {
      return await page;
    } finally {
      this.pending.delete(page);
    }
  }

  /** Resolves when pending pages are rendered. The values of a worker are kept without this call. */
  async shutdown(): Promise<void> {
    await Promise.allSettled(this.pending);
  }

  /** In a worker, sets the registries that the cluster's page shows instead of `register`. */
  static setRegistries(registries: Registry | readonly Registry[]): void {
    shareOnly(Array.isArray(registries) ? (registries as readonly Registry[]) : [registries as Registry]);
  }

  /** @internal */
  protected collect(dir: string): void {
    collectFrom(this, dir, register);
  }

  /** @internal */
  protected pageOfCluster(): Promise<string> {
    return this.metrics();
  }
}

/**
 * A page with the metrics of all workers of a cluster, including those that have ended, and of its primary, under the name of
 * `@prometheus-io/client`.
 *
 * @example
 * const registry = new ClusterRegistry();
 * if (cluster.isPrimary) startHttpServer({ registry, port: 9100 });
 */
export class ClusterRegistry<
  ContentType extends RegistryContentType = RegistryContentType,
> extends AggregatorRegistry<ContentType> {
  /** @internal */
  protected override collect(dir: string): void {
    collectFrom(this, dir);
  }

  /** @internal */
  protected override async pageOfCluster(): Promise<string> {
    await writeAll();
    return this.metrics();
  }
}

/** Workers forked later find the folder in their environment. */
function invite({ dir }: Multiprocess): void {
  const invitation: Invitation = { type: 'promark:multiprocess', dir };
  for (const worker of Object.values(clusterModule().workers ?? {}) as Worker[]) worker.send(invitation);
}
