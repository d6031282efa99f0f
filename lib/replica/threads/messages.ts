import type { SeriesSelection } from '../../metrics/metric-registry.js';
import type { EndedData } from '../merge/ended-sources.js';
import type { MemoryTransfer } from '../thread-memory.js';

/** A worker thread as its messages identify it. */
export interface ThreadIdentity {
  readonly thread: number;
  /** In milliseconds since the epoch. */
  readonly startedAt: number;
  /** The thread for the operating system: its id, and its start in ticks since boot. Undefined where there is no /proc. */
  readonly system: { readonly tid: number; readonly startTicks: string } | undefined;
}

/** A piece of memory of a thread's journal. A thread numbers them from 0 in the order in which it hands them over. */
export interface NumberedTransfer {
  readonly number: number;
  readonly transfer: MemoryTransfer;
}

/**
 * Memory of a thread's journal: of the pieces numbered from `from` up to, but not including, `to`, those that are not
 * out of date.
 */
export interface MemoryMessage extends ThreadIdentity {
  readonly kind: 'memory';
  readonly from: number;
  readonly to: number;
  readonly pieces: readonly NumberedTransfer[];
  /** A generation whose memory is out of date now. */
  readonly ended?: number | undefined;
}

/** Messages that worker threads post to all threads of the process. */
export type ThreadMessage =
  | MemoryMessage
  /** A thread has started another one, which ends with it at the latest. */
  | { readonly kind: 'child'; readonly thread: number; readonly child: number }
  /** A thread has ended, according to the one that started it. */
  | { readonly kind: 'ended'; readonly thread: number }
  /** A thread is about to end, according to itself; it may still record a little. */
  | { readonly kind: 'ending'; readonly thread: number }
  /** The thread's metrics should leave the page. */
  | { readonly kind: 'withdrawn'; readonly thread: number };

/** Messages that the main thread sends to a thread that renders pages for it. */
export type ForwardedMessage =
  | ThreadMessage
  /** What threads that have ended so far recorded. */
  | { readonly kind: 'left'; readonly data: EndedData }
  /** What threads that have ended recorded of some series is dropped, including that of those that are about to be noticed. */
  | { readonly kind: 'forgotten'; readonly selection: SeriesSelection; readonly threads: readonly number[] }
  /** Whether pages include what worker threads record. */
  | { readonly kind: 'switched'; readonly enabled: boolean };
