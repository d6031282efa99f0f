import { isMainThread } from 'node:worker_threads';
import { ConfigError, show } from '../model/errors.js';
import type { RegistryContentType } from '../promclient/exports.js';
import { Registry } from '../registry/registry.js';
import { threadLinkOf } from '../registry/thread-link.js';
import { groupViewOf } from './group-view.js';
import { collectFrom, register } from './multiprocess.js';

/**
 * The page of all worker threads, under the name and with the methods of `@prometheus-io/client`. Nothing is asked of the
 * workers: what they count lies in memory that the main thread reads. What the main thread itself counts is not on this page;
 * that of `register` has both, without a line of code.
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
   * @param primary Whether this registry shows the workers, which the main thread alone can do. Default: whether this is the
   *   main thread. Throws ConfigError where a worker thread asks for it.
   */
  constructor(contentType?: ContentType, primary: boolean = isMainThread) {
    super(contentType);
    if (!primary) return;
    if (!isMainThread) {
      throw new ConfigError(
        'Only the main thread shows its workers: make the WorkerRegistry there, or leave out `primary`.',
      );
    }
    const group = groupViewOf(register);
    if (group === undefined) threadLinkOf(register)?.mergeInto(this);
    else collectFrom(this, group.dir, register);
  }

  /**
   * The page of all worker threads, those that have ended included. In a group of processes, it has those of the other
   * processes too.
   */
  workerMetrics(): Promise<string> {
    return this.metrics();
  }

  /**
   * In a worker: brings what `collect` functions and collectors say up to date, as the thread's last word. All else that the
   * thread has counted stays on the page without it, and nothing has to be waited for.
   */
  async shutdown(_timeoutMs?: number): Promise<void> {
    await threadLinkOf(register)?.refresh();
  }

  /** How many worker threads that have metrics are running. */
  static workerCount(): number {
    return threadLinkOf(register)?.count ?? 0;
  }

  /** In a worker: which registries the main thread shows, instead of `register`. Throws ConfigError for what is none. */
  static setRegistries(registries: Registry | readonly Registry[]): void {
    const all = Array.isArray(registries) ? (registries as readonly Registry[]) : [registries as Registry];
    const odd = all.find((one) => typeof one?.observe !== 'function');
    if (odd !== undefined) throw new ConfigError(`WorkerRegistry.setRegistries takes registries, got ${show(odd)}.`);
    threadLinkOf(register)?.publish(all);
  }
}
