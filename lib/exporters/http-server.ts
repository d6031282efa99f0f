import { isClusterWorker } from '../model/load-at-runtime.js';
import type { Registry } from '../registry/registry.js';
import type { PageSource } from './page-source.js';
import { type MetricsServer, serve } from './serve.js';
import { checkServerOptions, type HttpServerOptions } from './server-options.js';
import { startRestartingServer } from './thread/restarting-server.js';
import { NoThreadError } from './thread/start-thread.js';

/**
 * Starts an HTTP server for Prometheus to scrape. It serves the registry's page at `/metrics`, like `metricsHandler`,
 * and at `/` the live page to browsers and a link to the metrics to other clients.
 *
 * The server runs in a separate thread, so that scrapes are answered even while this thread is busy, with current
 * values if the registry has a shared store, which is the default. The server asks this thread for values that only it
 * can read: those of `collect` functions and collectors, of event loop and heap. If it does not answer, the last known
 * values are served, `promark_main_thread_responsive` is 0 and `nodejs_eventloop_stalled_seconds` is how long it has
 * been blocked.
 *
 * If the server's thread ends unexpectedly, another one takes over the port; after three restarts, this thread does. If
 * no thread can be started, and in cluster workers, which share the port, the server runs in this thread. It does not
 * keep the process alive, unless `keepProcessAlive` is set.
 *
 * @param options A port, or options. Default: port 8000 on all addresses, and the default registry.
 * @returns The server, once it listens. Rejects with ConfigError for invalid options, and with a PromarkError that
 * names port and host if it cannot listen.
 *
 * @example
 * const server = await startHttpServer(8000);
 * console.log(`Metrics at ${server.url}`);
 * @example
 * await startHttpServer({ port: 9100, tls: { cert: readFileSync(certFile), key: readFileSync(keyFile) }, auth: { bearer: token } });
 */
export async function startHttpServer(options: number | HttpServerOptions = {}): Promise<MetricsServer> {
  const settings = checkServerOptions(options);
  const { registry, ...rest } = settings;
  // Workers of a cluster share a port, which is only possible in their main threads.
  if (!settings.thread || isClusterWorker() || !isObservable(registry)) return serve(settings);
  try {
    return await startRestartingServer(registry, rest);
  } catch (error) {
    if (!(error instanceof NoThreadError)) throw error;
    registry.faults.warn(
      `${error.message} It runs in the current thread instead, and scrapes wait while that is busy: ${String(error.cause)}`,
    );
    return serve(settings);
  }
}

/** Whether another thread can render the pages: not for a custom page source, or a registry of an older promark. */
function isObservable(registry: PageSource): registry is Registry {
  return 'observe' in registry && 'prepare' in registry;
}
