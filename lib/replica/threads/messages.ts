import type { SeriesSelection } from '../../metrics/metric-registry.js';
import type { EndedData } from '../merge/ended-sources.js';
import type { MemoryTransfer } from '../thread-memory.js';

/** A worker thread as its messages identify it. */
export interface ThreadIdentity {
  readonly thread: number;
  /** In milliseconds since the epoch. */
  readonly startedAt: number;
  /** The operating system's id of the thread, and its start time in ticks since boot. Undefined without /proc. */
  readonly system: { readonly tid: number; readonly startTicks: string } | undefined;
}

/** A piece of memory of a thread's journal. Pieces are numbered from 0 in the order in which they are sent. */
export interface NumberedTransfer {
  readonly number: number;
  readonly transfer: MemoryTransfer;
}

/** Memory of a thread's journal: the current ones of the pieces from `from` up to, but not including, `to`. */
export interface MemoryMessage extends ThreadIdentity {
  readonly kind: 'memory';
  readonly from: number;
  readonly to: number;
  readonly pieces: readonly NumberedTransfer[];
  /** A generation whose memory is now out of date. */
  readonly ended?: number | undefined;
}

/** Messages that worker threads post to all threads of the process. */
export type ThreadMessage =
  | MemoryMessage
  /** A thread has started another one, which will end no later than it. */
  | { readonly kind: 'child'; readonly thread: number; readonly child: number }
  /** A thread has ended, according to the one that started it. */
  | { readonly kind: 'ended'; readonly thread: number }
  /** A thread reports that it is about to end; it may still record. */
  | { readonly kind: 'ending'; readonly thread: number }
  /** The thread's metrics must be removed from pages. */
  | { readonly kind: 'withdrawn'; readonly thread: number };

/** Messages that the main thread sends to a thread that renders pages for it. */
export type ForwardedMessage =
  | ThreadMessage
  /** The values of threads that have already ended. */
  | { readonly kind: 'left'; readonly data: EndedData }
  /** Series of ended threads are removed, including those of `threads`, whose end has not been processed yet. */
  | { readonly kind: 'forgotten'; readonly selection: SeriesSelection; readonly threads: readonly number[] }
  /** Whether pages include the values of worker threads. */
  | { readonly kind: 'switched'; readonly enabled: boolean };

/** The current memory of a thread, for readers that attach later. */
export class HandedOver {
  private pieces: NumberedTransfer[] = [];
  /** The number of the next piece. */
  next = 0;

  constructor(readonly identity: ThreadIdentity) {}

  /** Processes a message. Returns the pieces that are new. */
  take({ from, to, pieces, ended }: Pick<MemoryMessage, 'from' | 'to' | 'pieces' | 'ended'>): NumberedTransfer[] {
    const fresh = pieces.filter(({ number }) => number >= this.next);
    // A message from piece 0 on has all current memory.
    if (from === 0) this.pieces = [...pieces];
    else this.pieces.push(...fresh);
    if (ended !== undefined) this.pieces = this.pieces.filter(({ transfer }) => transfer.generation !== ended);
    this.next = to;
    return fresh;
  }

  /** Everything in one message. */
  get message(): MemoryMessage {
    return { kind: 'memory', ...this.identity, from: 0, to: this.next, pieces: this.pieces };
  }
}
