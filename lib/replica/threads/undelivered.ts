import type { BroadcastChannel, MessagePort } from 'node:worker_threads';
import { builtin } from '../../model/load-at-runtime.js';
import type { ThreadMessage } from './messages.js';

/**
 * Reads messages on the threads' channel that the event loop has not delivered yet. A thread may send memory while a
 * page reads its values; without that memory, the page would not know which rows hold other series now.
 */
export class Undelivered {
  private isSupported = true;

  constructor(
    private readonly channel: BroadcastChannel,
    /** Receives other messages than those about memory, in order, in a microtask. */
    private readonly later: (message: ThreadMessage) => void,
  ) {}

  /** Calls `memory` with each message about memory immediately. */
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
      // Node also accepts a BroadcastChannel, although its types do not say so.
      return receiveMessageOnPort(this.channel as unknown as MessagePort)?.message as ThreadMessage | undefined;
    } catch {
      // Other runtimes may only accept a MessagePort.
      this.isSupported = false;
      return undefined;
    }
  }
}
