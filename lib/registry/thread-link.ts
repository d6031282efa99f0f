import type { BroadcastChannel, Worker } from 'node:worker_threads';
import type { PageFamilies } from '../formats/page-renderer.js';
import type { EndedSeries, SeriesSelection } from '../metrics/metric-registry.js';
import type { FamilySource } from '../model/live-family.js';
import { builtin, isMainThread, isOwnContext, loadAtRuntime } from '../model/load-at-runtime.js';
import { processWide } from '../model/process-wide.js';
import type { PageMerging } from './gatherer.js';
import type { Registry } from './registry.js';

/** The channel on which worker threads hand over the memory of their metrics. */
export const THREAD_CHANNEL = 'promark.threads.v1';

/** The channel on which the main thread requests what worker threads have handed over before it listened. */
export const REQUEST_CHANNEL = 'promark.threads.requests.v1';

/** A worker thread's metrics as other threads see them. */
export interface ThreadPublication {
  childStarted(thread: number): void;
  childEnded(thread: number): void;
  /** Publishes the metrics of these registries, and no others any more. */
  publish(registries: readonly Registry[]): void;
  /** Brings up to date what only the thread itself can: metrics with `collect` and what collectors yield. */
  refresh(): Promise<void>;
  /** Takes the metrics off the pages. */
  end(): void;
}

/** Adds the metrics of worker threads to the pages of one registry. */
interface ThreadPages {
  merge(own: PageFamilies, selects: (family: FamilySource) => boolean): Promise<PageFamilies>;
}

/** The metrics of worker threads for the pages of the main thread. */
interface ThreadMerging extends ThreadPages {
  /** How many worker threads that have metrics are running. */
  readonly count: number;
  /** Whose values the pages show, for people; undefined for those of this thread alone. */
  describeScope(): string | undefined;
  receive(message: unknown): void;
  /** Drops what threads that have ended recorded, including those that have `exited` and are still to be noticed. */
  forget(selection: SeriesSelection, exited: readonly number[]): void;
  ended(thread: number): void;
  follow(listener: (message: unknown) => void): () => void;
  /** For the pages of another registry. */
  newMerger(): ThreadPages;
}

/** What is loaded when a worker thread turns out to have metrics. Most programs have none, and do not load it. */
interface ThreadSupport {
  publishThread(registry: Registry): ThreadPublication;
  mergeThreads(registry: Registry, channel: BroadcastChannel | undefined): ThreadMerging;
}

/** How the default registry is linked with those of other threads. */
interface ThreadLink {
  /** How many worker threads that have metrics are running, as far as this thread knows. */
  readonly count: number;
  workerStarted(worker: Worker): void;
  /** Switches it on and off. */
  set(enabled: boolean): void;
  /** Passes on what a thread needs that makes pages as well. Returns a function that ends that. */
  follow(listener: (message: unknown) => void): () => void;
  /** In the main thread: adds what worker threads record to the pages of a further registry. */
  mergeInto(registry: Registry): void;
  /** In a worker thread: hands over the metrics of these registries in place of those of the default one. */
  publish(registries: readonly Registry[]): void;
  /** In a worker thread: brings up to date what only the thread itself can. */
  refresh(): Promise<void>;
}

/**
 * Links the default registry with those of other threads: in the main thread, its pages have what worker threads record; in
 * a worker thread, the main thread is given the memory of its metrics.
 */
export function linkThreads(registry: Registry): void {
  // A test file, say, is not the program.
  if (isOwnContext()) return;
  const link: ThreadLink = isMainThread() ? new MainThreadLink(registry) : new WorkerThreadLink(registry);
  links().set(registry, link);
  registry.linkThreads(link);
  const known = new WeakSet<Worker>();
  const started = (worker: Worker) => {
    if (known.has(worker)) return;
    known.add(worker);
    link.workerStarted(worker);
  };
  // Published before the thread runs, so that no message is missed. Bun has only the event.
  builtin('node:diagnostics_channel').subscribe('worker_threads', (message) =>
    started((message as { worker: Worker }).worker),
  );
  process.on('worker', started);
}

/** The link of a registry; undefined for others than the default one. */
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
  /** Threads that have exited and whose last messages may not have been heard. */
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
      void messagesHeard().then(() => {
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

  async merge(own: PageFamilies, selects: (family: FamilySource) => boolean): Promise<PageFamilies> {
    if (!this.isEnabled) return own;
    await messagesHeard();
    return this.threads === undefined ? own : this.threads.merge(own, selects);
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
      merge: async (own, selects) => {
        await messagesHeard();
        pages ??= this.threads?.newMerger();
        return pages === undefined ? own : pages.merge(own, selects);
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
    // A registry that is shared with other processes has what worker threads record by their files.
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
    this.unobserve = registry.observe({ show: () => this.begin(), hide() {}, set() {} });
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
    worker.once('exit', () => void messagesHeard().then(() => this.publication?.childEnded(threadId)));
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

  /** Describes the metrics when there is the first one. */
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

/** Whether worker threads may be running: whether the module is loaded that starts them, as far as this is known. */
function mayHaveWorkers(): boolean {
  const { moduleLoadList: loaded = [] } = process as { readonly moduleLoadList?: readonly string[] };
  return loaded.length === 0 || loaded.includes('NativeModule worker_threads');
}

/** Waits until the messages that were posted by now have been heard: those of two turns of the event loop. */
export async function messagesHeard(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Loads, at once, what most programs do not need, so that they neither load nor bundle it. */
function threadSupport(registry: Registry): ThreadSupport | undefined {
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
  try {
    return loadAtRuntime(`./threads${extension}`, import.meta.url) as ThreadSupport;
  } catch (error) {
    registry.faults.warn(
      'The metrics of worker threads are not on the pages of the main thread, because a part of promark cannot be loaded. ' +
        `Where a bundler has left it out, keep promark out of the bundle: ${String(error)}`,
    );
    return undefined;
  }
}
