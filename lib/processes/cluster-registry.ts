import type { Worker } from 'node:cluster';
import { clusterModule } from '../model/load-at-runtime.js';
import type { RegistryContentType } from '../promclient/exports.js';
import { Registry } from '../registry/registry.js';
import { registryList } from '../registry/registry-options.js';
import { collectFrom, type Multiprocess, multiprocess, shareOnly, writeAll } from './multiprocess.js';
import { type Invitation, register } from './register.js';

/**
 * A registry whose page has the metrics of all workers of a cluster. The class has the name and methods of
 * prom-client's. Workers are not asked for their metrics: these are read from files in a temporary folder, or in the
 * folder that `PROMETHEUS_MULTIPROC_DIR` names. The primary's own metrics are not on this page; those of
 * `ClusterRegistry` and of `register` have both.
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
    // Passed explicitly so that bundlers keep `register`, through which workers join.
    const group = multiprocess({ registry: register });
    this.collect(group.dir);
    invite(group);
  }

  /** Returns the page of all workers, including those that have ended. */
  async clusterMetrics(): Promise<string> {
    const page = this.clusterPage();
    this.pending.add(page);
    try {
      return await page;
    } finally {
      this.pending.delete(page);
    }
  }

  /** Resolves once pending pages are rendered. Workers need not call it: their values are kept anyway. */
  async shutdown(): Promise<void> {
    await Promise.allSettled(this.pending);
  }

  /**
   * In a worker, sets the registries that the cluster's page shows instead of `register`. Throws ConfigError for
   * anything but registries.
   */
  static setRegistries(registries: Registry | readonly Registry[]): void {
    shareOnly(registryList('AggregatorRegistry.setRegistries', registries));
  }

  /** @internal */
  protected collect(dir: string): void {
    collectFrom(this, dir, register);
  }

  /** @internal */
  protected clusterPage(): Promise<string> {
    return this.metrics();
  }
}

/**
 * A registry whose page has the metrics of all workers of a cluster, including those that have ended, and of its
 * primary. The class has the name of that in `@prometheus-io/client`.
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
  protected override async clusterPage(): Promise<string> {
    await writeAll();
    return this.metrics();
  }
}

/** Workers forked later find the folder in their environment. */
function invite({ dir }: Multiprocess): void {
  const invitation: Invitation = { type: 'promark:multiprocess', dir };
  for (const worker of Object.values(clusterModule().workers ?? {}) as Worker[]) worker.send(invitation);
}
