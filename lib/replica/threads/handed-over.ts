import type { MemoryMessage, NumberedTransfer, ThreadIdentity } from './messages.js';

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
