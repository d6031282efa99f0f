import { ConfigError } from '../model/errors.js';
import { isMainThread } from '../model/load-at-runtime.js';
import type { RegistryContentType } from '../promclient/exports.js';
import { Registry } from '../registry/registry.js';
import { registryList } from '../registry/registry-options.js';
import { threadLinkOf } from '../registry/thread-link.js';
import { groupViewOf } from './group-view.js';
import { collectFrom } from './multiprocess.js';
import { register } from './register.js';

/**
 * A registry whose page has the metrics of all worker threads. The class has the name and methods of that in
 * `@prometheus-io/client`. Workers are not asked for their metrics: the main thread reads them from shared memory. The
 * main thread's own metrics are not on this page; the page of `register` has both, without any code.
 *
 * @example
 * const workers = new WorkerRegistry();
 * new Worker('./worker.js');
 * createServer(async (_, response) => response.end(await workers.workerMetrics())).listen(9100);
 */
export class WorkerRegistry<
  ContentType extends RegistryContentType = RegistryContentType,
> extends Registry<ContentType> {
  /**
   * @param contentType The format of `workerMetrics()`. Default: text 0.0.4.
   * @param primary Whether this registry shows the workers, which only the main thread can do. Default: true in the
   * main thread. Throws ConfigError if a worker thread sets it.
   */
  constructor(contentType?: ContentType, primary: boolean = isMainThread()) {
    super(contentType);
    if (!primary) return;
    if (!isMainThread()) {
      throw new ConfigError(
        'Only the main thread can show its workers: create the WorkerRegistry there, or omit `primary`.',
      );
    }
    const group = groupViewOf(register);
    if (group === undefined) threadLinkOf(register)?.mergeInto(this);
    else collectFrom(this, group.dir, register);
  }

  /**
   * Returns the page of all worker threads, including those that have ended. In a group of processes, it includes the
   * worker threads of the other processes.
   */
  workerMetrics(): Promise<string> {
    return this.metrics();
  }

  /**
   * In a worker, runs `collect` functions and collectors one last time. Everything else that the thread has recorded
   * stays on the page without this call.
   */
  async shutdown(_timeoutMs?: number): Promise<void> {
    await threadLinkOf(register)?.refresh();
  }

  /** The number of running worker threads that have metrics. */
  static workerCount(): number {
    return threadLinkOf(register)?.count ?? 0;
  }

  /**
   * In a worker, sets the registries that the main thread shows instead of `register`. Throws ConfigError for anything
   * but registries.
   */
  static setRegistries(registries: Registry | readonly Registry[]): void {
    const list = registryList('WorkerRegistry.setRegistries', registries);
    threadLinkOf(register)?.publish(list);
  }
}
