import type { EndedData } from '../merge/ended-sources.js';
import type { MemoryTransfer } from '../thread-memory.js';

/** What worker threads post to all threads of the process. */
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
  /** A thread has ended, says the one that had started it. */
  | { readonly kind: 'ended'; readonly thread: number }
  /** A thread ends, says itself: it may still record a little. */
  | { readonly kind: 'ending'; readonly thread: number }
  /** The thread's metrics are to leave the page. */
  | { readonly kind: 'withdrawn'; readonly thread: number };

/** What the main thread sends to a thread that makes pages for it. */
export type ForwardedMessage =
  | ThreadMessage
  /** What threads that have ended so far have left behind. */
  | { readonly kind: 'left'; readonly data: EndedData }
  /** Whether pages are to have what worker threads record. */
  | { readonly kind: 'switched'; readonly enabled: boolean };
