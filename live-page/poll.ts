import type { LiveData } from '../lib/page/live-data.js';
import type { Store } from './families.js';

/** How the page is connected. */
export type Connection =
  | { readonly state: 'starting' | 'live' | 'paused' | 'hidden' }
  /** The server does not answer; `seen` is when it last did. */
  | { readonly state: 'lost'; readonly seen: number | undefined; readonly reason: string }
  /** The server wants a token. */
  | { readonly state: 'locked'; readonly refused: boolean };

const INTERVAL_MS = 1000;
const LONGEST_MS = 10_000;

/** Where the data are: below the page, whatever prefix a proxy has put before it. */
function address(): string {
  const { pathname } = location;
  return `${pathname.endsWith('/') ? pathname : `${pathname}/`}live.json`;
}

/** Asks the server once a second while the page is visible and not paused; after failures less and less often. */
export class Poller {
  private connection: Connection = { state: 'starting' };
  private token: string | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private seen: number | undefined;
  private asking = false;
  isPaused = false;

  constructor(
    private readonly store: Store,
    /** A new sample is there. */
    private readonly sampled: () => void,
    private readonly connected: (connection: Connection) => void,
  ) {
    document.addEventListener('visibilitychange', () => this.go());
  }

  /** Uses a token, which is kept in memory only. */
  logIn(token: string): void {
    this.token = token;
    this.go();
  }

  pause(isPaused: boolean): void {
    this.isPaused = isPaused;
    if (isPaused) this.become({ state: 'paused' });
    this.go();
  }

  /** Asks now, if there is anything to ask. */
  go(): void {
    clearTimeout(this.timer);
    if (this.isPaused || this.asking) return;
    if (document.hidden) this.become({ state: 'hidden' });
    else void this.ask();
  }

  private async ask(): Promise<void> {
    this.asking = true;
    const start = performance.now();
    try {
      const headers: Record<string, string> = this.token === undefined ? {} : { authorization: `Bearer ${this.token}` };
      const signal = AbortSignal.timeout(LONGEST_MS);
      const response = await fetch(`${address()}?since=${this.store.known}`, { headers, signal, cache: 'no-store' });
      if (response.status === 401) {
        this.become({ state: 'locked', refused: this.token !== undefined });
        return;
      }
      if (!response.ok) throw new Error(`status ${response.status}`);
      const data = (await response.json()) as LiveData;
      this.failures = 0;
      this.seen = Date.now();
      if (this.isPaused) return;
      this.become({ state: 'live' });
      if (this.store.apply(data)) this.sampled();
    } catch (error) {
      this.failures += 1;
      const reason = (error as Error).name === 'TimeoutError' ? 'no answer' : (error as Error).message;
      this.become({ state: 'lost', seen: this.seen, reason });
    } finally {
      this.asking = false;
      if (this.connection.state !== 'locked') this.schedule(performance.now() - start);
    }
  }

  private schedule(took: number): void {
    const wait =
      this.failures === 0 ? INTERVAL_MS - took : Math.min(LONGEST_MS, INTERVAL_MS * 2 ** (this.failures - 1));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.go(), Math.max(50, wait));
  }

  private become(connection: Connection): void {
    const before = this.connection;
    this.connection = connection;
    if (before.state !== connection.state || connection.state === 'lost' || connection.state === 'locked') {
      this.connected(connection);
    }
  }
}
