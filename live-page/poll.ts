import type { LiveData } from '../lib/page/live-data.js';
import type { Store } from './families.js';

/** The state of the connection to the server. */
export type Connection =
  | { readonly state: 'starting' | 'live' | 'paused' | 'hidden' }
  /** The server does not answer; `lastAnswer` is the time of its last answer, in milliseconds since the epoch. */
  | { readonly state: 'lost'; readonly lastAnswer: number | undefined; readonly reason: string }
  /** The server requires a token; `refused` if it refused the one that was entered. */
  | { readonly state: 'locked'; readonly refused: boolean };

const INTERVAL_MS = 1000;
const MAX_WAIT_MS = 10_000;

/** The path of the data, relative to the page, because a proxy may add a prefix. */
function dataUrl(): string {
  const { pathname } = location;
  return `${pathname.endsWith('/') ? pathname : `${pathname}/`}live.json`;
}

/** Polls the server once a second while the page is visible and not paused; after failures, with increasing delay. */
export class Poller {
  private connection: Connection = { state: 'starting' };
  private token: string | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private lastAnswer: number | undefined;
  private isRequesting = false;
  isPaused = false;

  constructor(
    private readonly store: Store,

    private readonly onSample: () => void,
    private readonly onConnection: (connection: Connection) => void,
  ) {
    document.addEventListener('visibilitychange', () => this.next());
  }

  /** Uses a token, which is kept in memory only. */
  logIn(token: string): void {
    this.token = token;
    this.next();
  }

  pause(isPaused: boolean): void {
    this.isPaused = isPaused;
    if (isPaused) this.setConnection({ state: 'paused' });
    this.next();
  }

  /** Sends the next request at once, unless paused, hidden or waiting for an answer. */
  next(): void {
    clearTimeout(this.timer);
    if (this.isPaused || this.isRequesting) return;
    if (document.hidden) this.setConnection({ state: 'hidden' });
    else void this.request();
  }

  private async request(): Promise<void> {
    this.isRequesting = true;
    const start = performance.now();
    try {
      const headers: Record<string, string> = this.token === undefined ? {} : { authorization: `Bearer ${this.token}` };
      const signal = AbortSignal.timeout(MAX_WAIT_MS);
      const response = await fetch(`${dataUrl()}?since=${this.store.known}`, { headers, signal, cache: 'no-store' });
      if (response.status === 401) {
        this.setConnection({ state: 'locked', refused: this.token !== undefined });
        return;
      }
      if (!response.ok) throw new Error(`status ${response.status}`);
      const data = (await response.json()) as LiveData;
      this.failures = 0;
      this.lastAnswer = Date.now();
      if (this.isPaused) return;
      this.setConnection({ state: 'live' });
      if (this.store.apply(data)) this.onSample();
    } catch (error) {
      this.failures += 1;
      const reason = (error as Error).name === 'TimeoutError' ? 'no answer' : (error as Error).message;
      this.setConnection({ state: 'lost', lastAnswer: this.lastAnswer, reason });
    } finally {
      this.isRequesting = false;
      if (this.connection.state !== 'locked') this.schedule(performance.now() - start);
    }
  }

  private schedule(took: number): void {
    const wait =
      this.failures === 0 ? INTERVAL_MS - took : Math.min(MAX_WAIT_MS, INTERVAL_MS * 2 ** (this.failures - 1));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.next(), Math.max(50, wait));
  }

  private setConnection(connection: Connection): void {
    const before = this.connection;
    this.connection = connection;
    if (before.state !== connection.state || connection.state === 'lost' || connection.state === 'locked') {
      this.onConnection(connection);
    }
  }
}
