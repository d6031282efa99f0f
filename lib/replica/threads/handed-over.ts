import type { MemoryMessage, NumberedTransfer, ThreadIdentity } from './messages.js';

/** The memory that a thread has handed over and that is not out of date, for readers that begin later. */
export class HandedOver {
  private pieces: NumberedTransfer[] = [];
  /** The number of the next piece. */
  next = 0;

  constructor(readonly identity: ThreadIdentity) {}

  /** Takes note of a message. Returns the pieces that are new. */
  take({ from, to, pieces, ended }: Pick<MemoryMessage, 'from' | 'to' | 'pieces' | 'ended'>): NumberedTransfer[] {
    const fresh = pieces.filter(({ number }) => number >= this.next);
    // A message with everything has nothing that is out of date.
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
