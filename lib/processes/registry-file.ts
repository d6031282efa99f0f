import { PromarkError } from '../model/errors.js';
import type { FamilySnapshot } from '../model/family.js';
import type { Registry, RegistryObserver } from '../registry/registry.js';
import { CollectedFamilies } from '../replica/publish/collected-families.js';
import { ComputedGauges } from '../replica/publish/computed-gauges.js';
import { JournalPublisher } from '../replica/publish/journal-publisher.js';
import { type Memory, type SlabStore, sharedMemory } from '../store/store.js';
import { FileMemory } from './file-memory.js';
import type { Folder } from './folder.js';
import { newId, newIdentity } from './identity.js';
import { listenForOthers } from './liveness-socket.js';
import type { MapFile } from './mapping.js';
import { ProcessFile } from './process-file.js';
import { startWriterThread } from './start-writer-thread.js';

/** How a registry is stored in a file. */
export interface RegistryFileOptions {
  /** Maps files; undefined if they are written periodically. */
  readonly map: MapFile | undefined;
  /** Milliseconds between writes of a file that is not mapped. */
  readonly flushMs: number;
  /** Whether a separate thread writes a file that is not mapped. */
  readonly thread: boolean;
  /** The process's own name. */
  readonly worker: string | undefined;
}

/** Milliseconds between heartbeats in a mapped file. */
const HEARTBEAT_MS = 1000;
/** Milliseconds before retrying after a file could not be written. */
const RETRY_MS = 2000;

/** Everything that exists while the file can be written. */
interface OpenFile {
  readonly file: ProcessFile;
  readonly memory: FileMemory;
  readonly publisher: JournalPublisher;
  readonly collected: CollectedFamilies;
  readonly gauges: ComputedGauges;
  readonly unobserve: () => void;
  /** Closes the socket by which processes in other containers know that this one is alive. */
  endSocket: () => void;
}

/**
 * Stores a registry in a file, for the other processes of its group. The file is created with the first metric. If it
 * can no longer be written, this is logged, counting continues in memory, and another file replaces it as soon as one
 * can be written.
 */
export class RegistryFile implements Memory {
  readonly shared = true;
  /** The ids of all files of this registry, and that of the next one, which must be known before the file exists. */
  readonly ids = new Set<string>();
  /** Whether each increment is in the file immediately. */
  isMapped: boolean;
  /** Called when `ids` or `isMapped` changes. */
  changed: () => void = () => {};
  /** The families last yielded by collectors. */
  private collected: readonly FamilySnapshot[] = [];
  private nextId = this.announceNext();
  private readonly unobserve: () => void;
  private timer: NodeJS.Timeout;
  /** A file that holds cells, but no journal yet. */
  private prepared: FileMemory | undefined;
  private current: OpenFile | undefined;
  /** The file that the next one replaces. */
  private previous: ProcessFile | undefined;
  /** When to try another file, in milliseconds since the epoch; undefined while the file can be written. */
  private retryAt: number | undefined;
  private isEnded = false;
  /** Stops the thread that writes the file; undefined if this thread writes it. */
  private endThread: (() => void) | undefined;

  constructor(
    private readonly registry: Registry,
    private readonly folder: Folder,
    private readonly options: RegistryFileOptions,
  ) {
    // Cells that are already allocated elsewhere cannot be mapped. If there are any, all cells are copied. Not
    // `instanceof`: when the environment names the folder, Node has this class from another copy of promark.
    const store: Partial<SlabStore> = registry.store;
    this.isMapped = options.map !== undefined && store.isEmpty === true;
    if (this.isMapped) store.useMemory?.(this);
    this.unobserve = registry.observe({
      add: () => this.attempt(() => this.openIfNone()),
      remove() {},
      configure() {},
    } satisfies RegistryObserver);
    this.timer = this.startTimer();
  }

  /** Returns memory for cells, in the file as long as it can be written. */
  segment(bytes: number): ArrayBufferLike {
    if (!this.isMapped) return sharedMemory.segment(bytes);
    try {
      this.prepared ??= this.newFile(this.options.map);
      return this.prepared.segment(bytes);
    } catch (error) {
      this.suspend(error);
      return sharedMemory.segment(bytes);
    }
  }

  /** Updates the file. */
  tick(): void {
    if (this.isEnded) return;
    this.attempt(() => {
      if (this.retryAt !== undefined && Date.now() >= this.retryAt) this.reopen();
      if (this.current === undefined) return;
      const { file, memory, publisher } = this.current;
      if (memory.failure !== undefined) throw memory.failure;
      if (publisher.journal.isBroken) throw new PromarkError('The journal could not be written.');
      if (!file.isLinked) throw new PromarkError(`${file.path} was removed.`);
      publisher.compactIfStale();
      this.write(this.current, false);
    });
  }

  /** Runs `collect` functions and collectors, for the pages of other processes. */
  async refresh(): Promise<void> {
    try {
      const { metrics, collected } = await this.registry.prepare();
      this.collected = collected;
      if (this.isEnded) return;
      this.attempt(() => {
        this.current?.gauges.computed(metrics);
        this.current?.collected.update(collected);
      });
    } catch (error) {
      this.registry.faults.instrumentation('refreshing metrics for the pages of other processes', error);
    }
  }

  /** Writes what has been recorded so far; the process may be about to end. */
  flush(): void {
    this.attempt(() => {
      if (this.current === undefined || this.isMapped) return;
      this.current.publisher.journal.flush();
      this.current.memory.commit(Date.now(), false);
    });
  }

  /** Rewrites the journal, as otherwise happens once most of it is outdated. */
  rewrite(): void {
    for (const _ of this.current?.publisher.rewriting() ?? []);
  }

  /** Removes the file, so that no page shows it any longer. */
  remove(): void {
    this.current?.endSocket();
    this.current?.file.remove();
  }

  /** Writes the final state and stops. Called when the process ends. */
  end(): void {
    if (this.isEnded) return;
    this.attempt(() => {
      if (this.current === undefined) return;
      this.current.gauges.computeLast();
      this.current.publisher.journal.flush();
      this.write(this.current, true);
    });
    this.endThread?.();
    this.isEnded = true;
    clearInterval(this.timer);
    this.unobserve();
    this.current?.unobserve();
    this.current?.endSocket();
    if (this.current === undefined) this.prepared?.file.remove();
  }

  private startTimer(): NodeJS.Timeout {
    const timer = setInterval(() => this.tick(), this.isMapped ? HEARTBEAT_MS : this.options.flushMs);
    timer.unref?.();
    return timer;
  }

  private write({ file, memory }: OpenFile, closed: boolean): void {
    const now = Date.now();
    if (this.isMapped) file.setState(now, closed);
    else if (this.endThread === undefined || closed || memory.state.mustProgramWrite) memory.commit(now, closed);
    else memory.setHeartbeat(now);
  }

  private openIfNone(): void {
    if (this.current !== undefined || this.retryAt !== undefined) return;
    const memory = this.prepared ?? this.newFile(this.isMapped ? this.options.map : undefined);
    this.prepared = memory;
    this.current = this.publish(memory);
    memory.file.publish();
    this.current.endSocket = listenForOthers(this.folder.path, memory.file.identity.id);
    this.startThread(memory);
  }

  private startThread(memory: FileMemory): void {
    if (this.isMapped || !this.options.thread) return;
    this.endThread = startWriterThread(memory, this.options.flushMs, (reason) => {
      this.endThread = undefined;
      this.registry.faults.warn(
        `The metrics of this process are not written to ${this.folder.path} while it is blocked, because no thread can ` +
          `write them: ${reason}`,
      );
    });
    // It may have failed immediately.
    if (memory.postToWriter === undefined) this.endThread = undefined;
  }

  /** Opens another file to replace the one that can no longer be written, and publishes it once it is complete. */
  private reopen(): void {
    const { previous } = this;
    const memory = this.newFile(undefined);
    let opened: OpenFile | undefined;
    try {
      opened = this.publish(memory);
      memory.file.publish();
    } catch (error) {
      opened?.unobserve();
      memory.file.remove();
      memory.file.close();
      throw error;
    }
    this.current = opened;
    opened.endSocket = listenForOthers(this.folder.path, memory.file.identity.id);
    this.startThread(memory);
    this.retryAt = undefined;
    this.previous = undefined;
    previous?.remove();
    this.registry.faults.warn(
      `The metrics of this process are written to ${this.folder.path} again, every ${this.options.flushMs} ms.`,
    );
  }

  private newFile(map: MapFile | undefined): FileMemory {
    this.folder.open();
    const { worker } = this.options;
    const replaces = this.previous?.identity.id;
    const identity = newIdentity({ id: this.nextId, ...(worker && { worker }), ...(replaces && { replaces }) });
    this.nextId = this.announceNext();
    return new FileMemory(new ProcessFile(this.folder.path, identity, map ?? 'buffered'));
  }

  private announceNext(): string {
    const id = newId();
    this.ids.add(id);
    this.changed();
    return id;
  }

  private publish(memory: FileMemory): OpenFile {
    const publisher = new JournalPublisher(memory, this.registry.faults);
    const gauges = new ComputedGauges(publisher);
    const unobserve = this.registry.observe({
      add: (metric, last) => gauges.add(metric, last),
      remove: (metric) => gauges.remove(metric),
      configure: (settings) => publisher.configure(settings),
    });
    for (const _ of publisher.description());
    publisher.journal.flush();
    if (publisher.journal.isBroken) {
      unobserve();
      throw memory.failure ?? new PromarkError('The journal could not be written.');
    }
    const collected = new CollectedFamilies(publisher);
    collected.update(this.collected);
    publisher.journal.flush();
    const opened: OpenFile = { file: memory.file, memory, publisher, collected, gauges, unobserve, endSocket() {} };
    this.write(opened, false);
    return opened;
  }

  private attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.suspend(error);
    }
  }

  /** Continues in memory until another file can be opened. */
  private suspend(error: unknown): void {
    const { current, prepared, folder, registry } = this;
    this.isMapped = false;
    this.changed();
    clearInterval(this.timer);
    this.timer = this.startTimer();
    const store: Partial<SlabStore> = registry.store;
    store.useMemory?.(sharedMemory);
    this.endThread?.();
    this.endThread = undefined;
    current?.unobserve();
    current?.endSocket();
    current?.publisher.end();
    if (current === undefined) prepared?.file.remove();
    prepared?.file.close();
    this.previous = current?.file ?? this.previous;
    this.current = undefined;
    this.prepared = undefined;
    this.retryAt = Date.now() + RETRY_MS;
    registry.faults.warn(
      `The metrics of this process cannot be written to ${folder.path}. Counting continues in memory, and writing is ` +
        `retried: ${(error as Error).message}`,
    );
  }
}
