import type { BroadcastChannel, MessagePort } from 'node:worker_threads';
import { builtin } from '../../model/load-at-runtime.js';
import type { ThreadMessage } from './messages.js';

/**
 * Reads what has been posted on the threads' channel and the event loop has not delivered yet. A thread hands over memory
 * while a page reads its values; without that memory, the page would not know which rows have changed hands.
 */
export class Undelivered {
  private isSupported = true;

  constructor(
    private readonly channel: BroadcastChannel,
    /** Receives messages other than memory, in order, when what is running has ended. */
    private readonly later: (message: ThreadMessage) => void,
  ) {}

  /** Passes on each message about memory at once. */
  take(memory: (message: Extract<ThreadMessage, { readonly kind: 'memory' }>) => void): void {
    for (let message = this.next(); message !== undefined; message = this.next()) {
      const other = message;
      if (other.kind === 'memory') memory(other);
      else queueMicrotask(() => this.later(other));
    }
  }

  private next(): ThreadMessage | undefined {
    if (!this.isSupported) return undefined;
    try {
      const { receiveMessageOnPort } = builtin('node:worker_threads');
      // Node takes a BroadcastChannel as well, which its types do not say.
      return receiveMessageOnPort(this.channel as unknown as MessagePort)?.message as ThreadMessage | undefined;
    } catch {
      // Other runtimes may take a MessagePort only.
      this.isSupported = false;
      return undefined;
    }
  }
}
