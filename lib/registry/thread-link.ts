import type { BroadcastChannel, Worker } from 'node:worker_threads';
import type { PageFamilies } from '../formats/page-renderer.js';
import type { EndedSeries, SeriesSelection } from '../metrics/metric-registry.js';
import type { FamilySource } from '../model/live-family.js';
import { builtin, isMainThread, isOwnContext, isOwnThread, loadAtRuntime } from '../model/load-at-runtime.js';
import { processWide } from '../model/process-wide.js';
import type { PageMerging } from './gatherer.js';
import type { Registry } from './registry.js';

/** The channel on which worker threads share the memory of their metrics. */
export const THREAD_CHANNEL = 'promark.threads.v1';

/** The channel on which the main thread requests what worker threads shared before it listened. */
export const REQUEST_CHANNEL = 'promark.threads.requests.v1';

/** Publishes a worker thread's metrics to other threads. */
export interface ThreadPublication {
  childStarted(thread: number): void;
  childEnded(thread: number): void;
  /** Publishes the metrics of these registries, instead of those published before. */
  publish(registries: readonly Registry[]): void;
  /** Refreshes what only the thread itself can: metrics with `collect` and families of collectors. */
  refresh(): Promise<void>;
  /** Removes the metrics from the pages. */
  end(): void;
}

/** Adds the metrics of worker threads to the pages of one registry. */
interface ThreadPages {
  merge(ownFamilies: PageFamilies, selects: (family: FamilySource) => boolean): Promise<PageFamilies>;
}

/** The metrics of worker threads for the pages of the main thread. */
interface ThreadMerging extends ThreadPages {
  /** How many worker threads that have metrics are running. */
  readonly count: number;
  /** Describes whose values the pages show; undefined for those of this thread alone. */
  describeScope(): string | undefined;
  receive(message: unknown): void;
  /** Removes series of ended threads, including those that have `exited` but whose end has not been processed yet. */
  forget(selection: SeriesSelection, exited: readonly number[]): void;
  ended(thread: number): void;
  follow(listener: (message: unknown) => void): () => void;
  /** Returns a merger for the pages of another registry. */
  newMerger(): ThreadPages;
}

/** The module that is loaded when a worker thread has metrics. Most programs never load it. */
interface ThreadSupport {
  publishThread(registry: Registry): ThreadPublication;
  mergeThreads(registry: Registry, channel: BroadcastChannel | undefined): ThreadMerging;
}

/** Links the default registry with those of other threads. */
interface ThreadLink {
  /** The number of running worker threads with metrics, as far as this thread knows. */
  readonly count: number;
  workerStarted(worker: Worker): void;
  /** Switches the link on or off. */
  set(enabled: boolean): void;
  /**
   * Forwards the messages of worker threads to another thread that renders pages. Returns a function that stops that.
   */
  follow(listener: (message: unknown) => void): () => void;
  /** In the main thread: adds the values of worker threads to the pages of another registry. */
  mergeInto(registry: Registry): void;
  /** In a worker thread: publishes the metrics of these registries instead of those of the default one. */
  publish(registries: readonly Registry[]): void;
  /** In a worker thread: refreshes what only the thread itself can. */
  refresh(): Promise<void>;
}

/**
 * Links the default registry with those of other threads: in the main thread, its pages include the values of worker
 * threads; a worker thread shares the memory of its metrics with the main thread.
 */
export function linkThreads(registry: Registry): void {
  // For instance in a test file under Jest, which is not the program itself.
  if (isOwnContext()) return;
  const link: ThreadLink = isMainThread() ? new MainThreadLink(registry) : new WorkerThreadLink(registry);
  links().set(registry, link);
  registry.linkThreads(link);
  const known = new WeakSet<Worker>();
  const started = (worker: Worker) => {
    if (known.has(worker) || isOwnThread(worker)) return;
    known.add(worker);
    link.workerStarted(worker);
  };
  // Node publishes this before the thread runs, so that no message is missed. Bun only has the event.
  builtin('node:diagnostics_channel').subscribe('worker_threads', (message) =>
    started((message as { worker: Worker }).worker),
  );
  process.on('worker', started);
}

/** Returns the link of the default registry; undefined for other registries. */
export function threadLinkOf(registry: object): ThreadLink | undefined {
  return links().get(registry);
}

function links(): WeakMap<object, ThreadLink> {
  return processWide('threadLinks.v1', () => new WeakMap<object, ThreadLink>());
}

class MainThreadLink implements ThreadLink, PageMerging, EndedSeries {
  private channel: BroadcastChannel | undefined;
  private threads: ThreadMerging | undefined;
  private isEnabled = true;
  private readonly followers = new Map<(message: unknown) => void, () => void>();
  /** Threads that have exited but whose last messages may not have arrived yet. */
  private readonly exited = new Set<number>();

  constructor(private readonly registry: Registry) {
    if (!mayHaveWorkers()) return;
    this.openChannel();
    const requests = new (builtin('node:worker_threads').BroadcastChannel)(REQUEST_CHANNEL);
    requests.postMessage('memory');
    requests.close();
  }

  workerStarted(worker: Worker): void {
    this.listen();
    const { threadId } = worker;
    worker.once('exit', () => {
      this.exited.add(threadId);
      void messagesDelivered().then(() => {
        this.exited.delete(threadId);
        this.threads?.ended(threadId);
      });
    });
  }

  get ended(): EndedSeries {
    return this;
  }

  forget(selection: SeriesSelection): void {
    if (this.exited.size > 0) this.threads ??= this.begin();
    this.threads?.forget(selection, [...this.exited]);
  }

  set(enabled: boolean): void {
    this.isEnabled = enabled;
    for (const listener of this.followers.keys()) listener({ kind: 'switched', enabled });
  }

  async merge(ownFamilies: PageFamilies, selects: (family: FamilySource) => boolean): Promise<PageFamilies> {
    if (!this.isEnabled) return ownFamilies;
    await messagesDelivered();
    return this.threads === undefined ? ownFamilies : this.threads.merge(ownFamilies, selects);
  }

  describeScope(): string | undefined {
    return this.isEnabled ? this.threads?.describeScope() : undefined;
  }

  get count(): number {
    return this.threads?.count ?? 0;
  }

  mergeInto(registry: Registry): void {
    this.listen();
    let pages: ThreadPages | undefined;
    registry.setMerging({
      merge: async (ownFamilies, selects) => {
        await messagesDelivered();
        pages ??= this.threads?.newMerger();
        return pages === undefined ? ownFamilies : pages.merge(ownFamilies, selects);
      },
      describeScope: () => this.threads?.describeScope(),
    });
  }

  publish(): void {}

  async refresh(): Promise<void> {}

  follow(listener: (message: unknown) => void): () => void {
    this.followers.set(listener, this.threads?.follow(listener) ?? (() => {}));
    if (!this.isEnabled) listener({ kind: 'switched', enabled: false });
    return () => {
      this.followers.get(listener)?.();
      this.followers.delete(listener);
    };
  }

  private listen(): void {
    // A registry that is shared with other processes gets the values of worker threads from their files.
    if (this.registry.isMerged) return;
    this.openChannel();
    this.registry.setMerging(this);
  }

  private openChannel(): void {
    if (this.channel !== undefined) return;
    this.channel = new (builtin('node:worker_threads').BroadcastChannel)(THREAD_CHANNEL);
    this.channel.onmessage = (event) => this.receive((event as { data: unknown }).data);
    this.channel.unref?.();
  }

  private receive(message: unknown): void {
    this.listen();
    this.threads ??= this.begin();
    this.threads?.receive(message);
  }

  private begin(): ThreadMerging | undefined {
    const threads = threadSupport(this.registry)?.mergeThreads(this.registry, this.channel);
    for (const listener of this.followers.keys()) this.followers.set(listener, threads?.follow(listener) ?? (() => {}));
    return threads;
  }
}

class WorkerThreadLink implements ThreadLink {
  private publication: ThreadPublication | undefined;
  readonly count = 0;
  private isEnabled = true;
  private readonly unobserve: () => void;

  constructor(private readonly registry: Registry) {
    this.unobserve = registry.observe({ add: () => this.begin(), remove() {}, configure() {} });
  }

  mergeInto(): void {}

  publish(registries: readonly Registry[]): void {
    this.begin();
    this.publication?.publish(registries);
  }

  async refresh(): Promise<void> {
    await this.publication?.refresh();
  }

  workerStarted(worker: Worker): void {
    const { threadId } = worker;
    this.begin();
    this.publication?.childStarted(threadId);
    worker.once('exit', () => void messagesDelivered().then(() => this.publication?.childEnded(threadId)));
  }

  set(enabled: boolean): void {
    this.isEnabled = enabled;
    if (enabled) return;
    this.publication?.end();
    this.publication = undefined;
  }

  follow(): () => void {
    return () => {};
  }

  /** Publishes the metrics as soon as there is one. */
  private begin(): void {
    this.unobserve();
    if (!this.isEnabled || this.publication !== undefined || this.registry.isMerged) return;
    try {
      this.publication = threadSupport(this.registry)?.publishThread(this.registry);
    } catch (error) {
      this.registry.faults.instrumentation('letting the main thread have the metrics of a worker thread', error);
    }
  }
}

/** Whether worker threads may be running: whether `node:worker_threads` is loaded, or if that is unknown. */
function mayHaveWorkers(): boolean {
  const { moduleLoadList: loaded = [] } = process as { readonly moduleLoadList?: readonly string[] };
  return loaded.length === 0 || loaded.includes('NativeModule worker_threads');
}

/** Waits until messages that have already been posted are delivered: two turns of the event loop. */
export async function messagesDelivered(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Loads, synchronously, the module that most programs neither need nor bundle. */
function threadSupport(registry: Registry): ThreadSupport | undefined {
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
  try {
    return loadAtRuntime(`./threads${extension}`, import.meta.url) as ThreadSupport;
  } catch (error) {
    registry.faults.warn(
      'The metrics of worker threads are not on the pages of the main thread, because a part of promark cannot be loaded. ' +
        `If a bundler has left it out, keep promark out of the bundle: ${String(error)}`,
    );
    return undefined;
  }
}
