import { builtin } from '../../model/load-at-runtime.js';
import type { Registry } from '../../registry/registry.js';
import { closedError, type MetricsServer, serve } from '../serve.js';
import { checkRenewal, type ServerTls } from '../tls/server-tls.js';
import type { ThreadSettings } from './messages.js';
import { startThread, type ThreadServer } from './start-thread.js';

/**
 * Milliseconds before each attempt to restart the thread. If all fail, the server runs in the registry's thread; if it
 * cannot listen there either, it retries after the last delay.
 */
const RESTART_DELAYS_MS = [100, 300, 1000];

/** A thread that has run this long counts as healthy: when it ends, the delays start over. */
const HEALTHY_MS = 600_000;

/** Any interval will do: the timer only keeps the process alive. */
const KEEP_ALIVE_MS = 60_000;

/**
 * Starts the server in a separate thread. If that ends, for example because it runs out of memory, another thread
 * replaces it on the same port; after a few restarts, a server in the registry's thread does. Rejects like
 * `startThread` if the first thread does not start.
 */
export async function startRestartingServer(registry: Registry, settings: ThreadSettings): Promise<MetricsServer> {
  return new RestartingServer(registry, settings, await startThread(registry, settings));
}

class RestartingServer implements MetricsServer {
  readonly port: number;
  readonly url: string;
  private settings: ThreadSettings;
  private readonly closing = new AbortController();
  /** The current server, once any restart is done; undefined if closed before that. */
  private current: Promise<MetricsServer | undefined>;
  private restarts = 0;

  constructor(
    private readonly registry: Registry,
    settings: ThreadSettings,
    thread: ThreadServer,
  ) {
    this.port = thread.port;
    this.url = thread.url;
    this.settings = { ...settings, port: thread.port };
    this.current = Promise.resolve(thread);
    this.replaceWhenEnded(thread);
  }

  readonly close = async (): Promise<void> => {
    this.closing.abort();
    await (await this.current)?.close();
  };

  readonly [Symbol.asyncDispose] = this.close;

  readonly setTls = async (tls: ServerTls): Promise<void> => {
    const server = await this.keepingAlive(this.current);
    if (server === undefined || this.closing.signal.aborted) throw closedError();
    const renewed = checkRenewal(this.settings.tls, tls);
    try {
      await server.setTls(tls);
    } catch (error) {
      if (server === (await this.current)) throw error;
      // The thread ended in the meantime.
      return this.setTls(tls);
    }
    this.settings = { ...this.settings, tls: renewed };
  };

  /** Waits for a restart, and keeps the process alive meanwhile. */
  private async keepingAlive<T>(restarted: Promise<T>): Promise<T> {
    const timer = setInterval(() => {}, KEEP_ALIVE_MS);
    try {
      return await restarted;
    } finally {
      clearInterval(timer);
    }
  }

  private replaceWhenEnded(thread: ThreadServer): void {
    const start = performance.now();
    void thread.ended.then((reason) => {
      if (this.closing.signal.aborted) return;
      this.registry.faults.instrumentation('the thread of the metrics server, which has ended and is replaced', reason);
      if (performance.now() - start >= HEALTHY_MS) this.restarts = 0;
      this.current = this.restart();
    });
  }

  private async restart(): Promise<MetricsServer | undefined> {
    const { registry, port, closing } = this;
    const { signal } = closing;
    while (!signal.aborted) {
      const delay = RESTART_DELAYS_MS.at(this.restarts) ?? RESTART_DELAYS_MS.at(-1);
      const inOwnThread = this.restarts < RESTART_DELAYS_MS.length;
      this.restarts += 1;
      try {
        await builtin('node:timers/promises').setTimeout(delay, undefined, {
          signal,
          ref: this.settings.keepProcessAlive,
        });
        if (!inOwnThread) return await this.serveHere();
        const thread = await startThread(registry, this.settings);
        registry.faults.serverThreadRestarted(port);
        this.replaceWhenEnded(thread);
        return thread;
      } catch (error) {
        if (!signal.aborted) registry.faults.instrumentation('restarting the metrics server', error);
      }
    }
    return undefined;
  }

  private async serveHere(): Promise<MetricsServer> {
    const server = await serve({ ...this.settings, registry: this.registry });
    this.registry.faults.warn(
      `The thread of the metrics server has ended ${this.restarts} times. ` +
        'The server now runs in the current thread, and scrapes wait while that thread is busy.',
    );
    return server;
  }
}
