import type { ProcessCollector } from '../../registry/running-collectors.js';
import type { ScrapeAnswer } from '../../replica/mirror/mirror-registry.js';
import type { FromThread, Reply } from './messages.js';

/** Interval between pings when there are no scrapes, which bounds the error of the time at which a stall began. */
const HEARTBEAT_MS = 1000;

/** The registry's thread, as seen from the server's thread. */
export class MainThread {
  private lastId = 0;
  /** Messages that the thread has not responded to yet, and when they were sent. */
  private readonly unread: { readonly id: number; readonly since: number }[] = [];
  private readonly pending = new Map<number, (answer: ScrapeAnswer) => void>();
  private readonly heartbeat = setInterval(() => {
    this.probe();
  }, HEARTBEAT_MS);

  constructor(
    private readonly send: (message: FromThread) => void,
    /** Milliseconds without a response after which the thread counts as stalled. */
    private readonly limit: number,
    /** Collectors whose values this thread can read too. */
    public collectors: readonly ProcessCollector[],
  ) {}

  /** How long the thread has been stalled, in milliseconds; 0 if it is responsive. */
  get stalledMs(): number {
    const since = this.unread[0]?.since;
    const stalled = since === undefined ? 0 : performance.now() - since;
    return stalled < this.limit ? 0 : stalled;
  }

  /** Refreshes families. Resolves to undefined if the thread stalls; a slow `collect` is awaited. */
  async refresh(names: readonly string[]): Promise<ScrapeAnswer | undefined> {
    if (this.stalledMs > 0) return undefined;
    const id = this.nextId();
    let timer: ReturnType<typeof setInterval> | undefined;
    const answer = new Promise<ScrapeAnswer>((resolve) => this.pending.set(id, resolve));
    const stalled = new Promise<undefined>((resolve) => {
      timer = setInterval(() => {
        if (this.stalledMs > 0) resolve(undefined);
        else this.probe();
      }, this.limit);
    });
    this.send({ kind: 'refresh', id, names });
    try {
      return await Promise.race([answer, stalled]);
    } finally {
      clearInterval(timer);
      this.pending.delete(id);
    }
  }

  /** Sends a ping, unless a response is already awaited. Does not wait for the response. */
  probe(): void {
    if (this.unread.length === 0) this.ping();
  }

  /** Handles a message from the thread. */
  receive(message: Reply): void {
    while (this.unread.length > 0 && this.unread[0].id <= message.id) this.unread.shift();
    if (message.kind !== 'refreshed') return;
    this.collectors = message.collectors;
    this.pending.get(message.id)?.(message.answer);
  }

  /** Stops the pings. */
  close(): void {
    clearInterval(this.heartbeat);
  }

  private ping(): void {
    this.send({ kind: 'ping', id: this.nextId() });
  }

  /** Returns the id for a message that is sent next, and expects a response to it from now on. */
  private nextId(): number {
    this.lastId += 1;
    // Slightly in the past: a timer may fire a fraction of a millisecond early.
    this.unread.push({ id: this.lastId, since: performance.now() - 1 });
    return this.lastId;
  }
}
