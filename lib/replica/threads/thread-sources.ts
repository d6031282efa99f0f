import type { BroadcastChannel } from 'node:worker_threads';
import type { PageFamilies } from '../../formats/page-renderer.js';
import type { SeriesSelection } from '../../metrics/metric-registry.js';
import { pluralize } from '../../model/errors.js';
import type { FamilySource } from '../../model/live-family.js';
import { startTicksOf } from '../../model/os-thread.js';
import { inSlices } from '../../model/turn.js';
import type { Registry } from '../../registry/registry.js';
import { messagesDelivered } from '../../registry/thread-link.js';
import { EndedSources } from '../merge/ended-sources.js';
import { PageMerger } from '../merge/page-merger.js';
import { JournalSource, type MergeSource, type SourceFamily } from '../merge/source.js';
import type { MergeFaults } from '../merge/source-merger.js';
import { Mirror } from '../mirror/mirror.js';
import type { MemoryTransfer } from '../thread-memory.js';
import {
  type ForwardedMessage,
  HandedOver,
  type MemoryMessage,
  type ThreadIdentity,
  type ThreadMessage,
} from './messages.js';
import { Undelivered } from './undelivered.js';

/** The label of a worker thread: its `threadId`. */
const SOURCE_LABELS = ['worker'];

/** Milliseconds after which a thread that announced its end counts as ended if nothing else has confirmed it. */
const ENDING_MS = 1000;

/** Minimum milliseconds between two searches for threads that have ended without a message. */
const ENDED_INTERVAL_MS = 1000;

/** Counts and logs faults. */
interface ThreadFaults extends MergeFaults {
  instrumentation(where: string, error: unknown): void;
}

/** Merges the metrics of worker threads into a registry's pages; `channel` is the one on which the threads post. */
export function mergeThreads(registry: Registry, channel?: BroadcastChannel): ThreadSources {
  const sources = new ThreadSources(registry.faults);
  if (channel !== undefined) sources.readAhead(channel, (message) => sources.receive(message));
  return sources;
}

/** The worker threads whose metrics are on the pages, including ended ones. */
export class ThreadSources {
  private readonly threads = new Map<number, ThreadSource>();
  private readonly endedSources = new EndedSources(SOURCE_LABELS);
  /** The mergers of pages that include threads: the first is that of the default registry. */
  private readonly mergers: PageMerger[] = [];
  /** The threads that each thread has started. */
  private readonly children = new Map<number, Set<number>>();
  /** Threads that have ended or withdrawn: later messages about them are out of date. */
  private readonly endedThreads = new Set<number>();
  /** The series to leave out when an ended thread is folded, because they were removed in the meantime. */
  private readonly forgotten = new Map<number, SeriesSelection[]>();
  private isEnabled = true;
  /** `performance.now()` when ended threads were last looked for. */
  private searchedAt = -Infinity;
  private readonly listeners = new Set<(message: ForwardedMessage) => void>();
  private undelivered: Undelivered | undefined;

  constructor(private readonly faults: ThreadFaults) {
    this.newMerger();
  }

  /**
   * Reads messages about memory from the channel as soon as a page needs them, not only when the event loop delivers
   * them. Other messages are passed to `receive`.
   */
  readAhead(channel: BroadcastChannel, receive: (message: ThreadMessage) => void): void {
    this.undelivered = new Undelivered(channel, receive);
  }

  /** Number of running threads. */
  get count(): number {
    return [...this.threads.values()].filter(({ isAlive }) => isAlive).length;
  }

  /** Returns a merger that adds the threads to another registry's pages. */
  newMerger(): PageMerger {
    const sources = async (): Promise<readonly MergeSource[]> => {
      await this.findEnded();
      await inSlices(this.syncing());
      return [...this.threads.values(), this.endedSources];
    };
    const merger = new PageMerger({ sources }, SOURCE_LABELS, this.faults);
    this.mergers.push(merger);
    return merger;
  }

  /** Merges the families of a page with those of all threads. */
  merge(ownFamilies: PageFamilies, selects: (family: FamilySource) => boolean): Promise<PageFamilies> {
    return this.isEnabled ? this.mergers[0].merge(ownFamilies, selects, undefined) : Promise.resolve(ownFamilies);
  }

  /** Describes whose values the pages show; undefined for those of the registry's own thread alone. */
  describeScope(): string | undefined {
    const { count } = this;
    if (!this.isEnabled || count === 0) return undefined;
    return `this process with ${pluralize(count, 'worker thread')}`;
  }

  /** Handles a message from a thread. One that arrives twice, by two routes, is applied once. */
  receive(message: ForwardedMessage): void {
    if (message.kind === 'left') this.endedSources.add(message.data);
    else if (message.kind === 'forgotten') this.forget(message.selection, message.threads);
    else if (message.kind === 'switched') this.isEnabled = message.enabled;
    else if (message.kind === 'memory') this.memory(message);
    else if (message.kind === 'child') this.child(message.thread, message.child);
    else if (message.kind === 'ended') this.ended(message.thread);
    else if (message.kind === 'withdrawn') this.withdrawn(message.thread);
    else this.ending(message.thread);
  }

  /** Called when a thread, and with it every thread that it started, has ended. Its values are kept. */
  ended(thread: number): void {
    if (this.endedThreads.has(thread)) return;
    this.endedThreads.add(thread);
    this.forward({ kind: 'ended', thread });
    for (const child of this.children.get(thread) ?? []) this.ended(child);
    this.children.delete(thread);
    const source = this.threads.get(thread);
    if (source === undefined) {
      this.forgotten.delete(thread);
      return;
    }
    source.end();
    this.fold(thread, source).catch((error) =>
      this.faults.instrumentation('folding the metrics of a worker thread', error),
    );
  }

  /** Removes series of ended threads, including those that have `exited` but are not folded yet. */
  forget(selection: SeriesSelection, exited: readonly number[]): void {
    const ending = [...this.threads].filter(([, { isAlive }]) => !isAlive).map(([thread]) => thread);
    const threads = this.withChildren(new Set([...exited, ...ending]));
    this.forward({ kind: 'forgotten', selection, threads });
    this.endedSources.forget(selection);
    for (const thread of threads) this.forgotten.set(thread, [...(this.forgotten.get(thread) ?? []), selection]);
  }

  /**
   * Forwards everything known, now and as it arrives, to another thread that renders pages. Returns a function that
   * stops this.
   */
  follow(listener: (message: ForwardedMessage) => void): () => void {
    listener({ kind: 'left', data: this.endedSources.data() });
    for (const { message } of this.threads.values()) listener(message);
    for (const [thread, selections] of this.forgotten) {
      for (const selection of selections) listener({ kind: 'forgotten', selection, threads: [thread] });
    }
    for (const [thread, children] of this.children) {
      for (const child of children) listener({ kind: 'child', thread, child });
    }
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  private memory(message: MemoryMessage): void {
    const { thread } = message;
    if (this.endedThreads.has(thread)) return;
    const known = this.threads.get(thread);
    const source = known ?? new ThreadSource(message, () => this.undelivered?.take((other) => this.memory(other)));
    this.threads.set(thread, source);
    source.take(message);
    this.forward(message);
    // Ended threads must not accumulate if no page is ever rendered.
    if (known === undefined) void this.findEnded();
  }

  /**
   * Finds the threads that have ended without a message about it, because the thread that started them does not use
   * this library, or because they were started before it was loaded.
   */
  private async findEnded(): Promise<void> {
    const now = performance.now();
    if (now - this.searchedAt < ENDED_INTERVAL_MS) return;
    this.searchedAt = now;
    const ended = [...this.threads].filter(([, source]) => source.isGone());
    if (ended.length === 0) return;
    // Their last messages must be delivered first.
    await messagesDelivered();
    for (const [thread] of ended) this.ended(thread);
  }

  private child(thread: number, child: number): void {
    if (this.endedThreads.has(thread)) {
      this.ended(child);
      return;
    }
    const children = this.children.get(thread) ?? new Set();
    this.children.set(thread, children.add(child));
    this.forward({ kind: 'child', thread, child });
  }

  private withdrawn(thread: number): void {
    this.endedThreads.add(thread);
    this.threads.delete(thread);
    this.forward({ kind: 'withdrawn', thread });
  }

  /** Returns threads and all that they have started, at any depth. */
  private withChildren(threads: Set<number>): readonly number[] {
    // Iterating over a set includes elements that are added meanwhile.
    for (const thread of threads) for (const child of this.children.get(thread) ?? []) threads.add(child);
    return [...threads];
  }

  /** Only needed if the thread that started it does not use this library. */
  private ending(thread: number): void {
    const timer = setTimeout(() => this.ended(thread), ENDING_MS);
    timer.unref?.();
  }

  /** Reads new records of all threads in steps, because there may be very many. */
  private *syncing(): Generator<void> {
    for (const { mirror } of [...this.threads.values()]) yield* mirror.syncing();
  }

  private async fold(thread: number, source: ThreadSource): Promise<void> {
    await inSlices(source.families(), (family) => {
      this.endedSources.fold(
        family,
        source,
        this.mergers.map((merger) => merger.sources),
        this.forgotten.get(thread),
      );
      source.forget(family);
    });
    this.threads.delete(thread);
    this.forgotten.delete(thread);
  }

  private forward(message: ForwardedMessage): void {
    for (const listener of this.listeners) listener(message);
  }
}

/** A worker thread's registry, read directly from its cells. */
class ThreadSource extends JournalSource {
  private readonly handedOver: HandedOver;
  private readonly queue: MemoryTransfer[];
  /** The generation in the queue. */
  private generation: number | undefined;
  /** Memory of the next generation, which is complete when the one before it has ended. */
  private following: MemoryTransfer[] = [];
  /** Messages that arrived before an earlier one. */
  private early: MemoryMessage[] = [];
  private readonly forgotten = new Set<SourceFamily['family']>();

  constructor({ thread, startedAt, system }: ThreadIdentity, receive: () => void) {
    const queue: MemoryTransfer[] = [];
    const next = () => {
      if (queue.length === 0) receive();
      return queue.shift();
    };
    super(new Mirror(next), { labels: { worker: String(thread) }, startedAt });
    this.mirror.showsAdditions = true;
    this.queue = queue;
    this.handedOver = new HandedOver({ thread, startedAt, system });
  }

  /** All current memory of the thread, for threads that start to render pages later. */
  get message(): MemoryMessage {
    return this.handedOver.message;
  }

  /** Whether the thread has ended, according to the operating system. */
  isGone(): boolean {
    const { system } = this.handedOver.identity;
    if (system === undefined || system.startTicks === '') return false;
    const ticks = startTicksOf(process.pid, system.tid);
    return ticks !== undefined && ticks !== system.startTicks;
  }

  override families(): readonly SourceFamily[] {
    return super.families().filter(({ family }) => !this.forgotten.has(family));
  }

  take(message: MemoryMessage): void {
    const { handedOver } = this;
    this.early.push(message);
    for (let due: MemoryMessage | undefined = message; due !== undefined; ) {
      due = this.early.find(({ from }) => from <= handedOver.next);
      this.early = this.early.filter((other) => other !== due);
      if (due !== undefined && due.to > handedOver.next) this.takeDue(due);
    }
  }

  private takeDue(message: MemoryMessage): void {
    const { queue } = this;
    for (const { transfer } of this.handedOver.take(message)) {
      this.generation ??= transfer.generation;
      if (transfer.generation === this.generation) queue.push(transfer);
      else this.following.push(transfer);
    }
    const { ended } = message;
    this.following = this.following.filter(({ generation }) => generation !== ended);
    if (ended === undefined || ended !== this.generation) return;
    // The queue may never be read, if another thread renders all pages.
    const others = queue.filter(({ generation }) => generation !== ended);
    queue.splice(0, queue.length, ...others, ...this.following);
    this.generation = this.following[0]?.generation;
    this.following = [];
  }

  /** Called when the thread has ended. The records of its unfinished last turn are then applied. */
  end(): void {
    this.isAlive = false;
    this.mirror.hasEnded = true;
  }

  /** Leaves out a family, whose values now belong to the ended sources. */
  forget({ family }: SourceFamily): void {
    this.forgotten.add(family);
  }
}
