import type { SeriesSelection } from '../../metrics/metric-registry.js';
import type { EndedData } from '../merge/ended-sources.js';
import type { MemoryTransfer } from '../thread-memory.js';

/** Messages that worker threads post to all threads of the process. */
export type ThreadMessage =
  /** Memory of the thread's journal; `sequence` counts these messages of a thread from 0. */
  | {
      readonly kind: 'memory';
      readonly thread: number;
      readonly startedAt: number;
      readonly sequence: number;
      readonly transfer: MemoryTransfer;
    }
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
