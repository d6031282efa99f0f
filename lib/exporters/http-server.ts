import cluster from 'node:cluster';
import type { Registry } from '../registry/registry.js';
import type { PageSource } from './page-source.js';
import { type MetricsServer, serve } from './serve.js';
import { checkServerOptions, type HttpServerOptions } from './server-options.js';
import { startRestartingServer } from './thread/restarting-server.js';
import { NoThreadError } from './thread/start-thread.js';

/**
 * Starts an HTTP server for Prometheus to scrape: the registry's page at `/metrics`, a link to it at `/`, 404 elsewhere.
 * It answers as `metricsHandler` does, from a thread of its own, so that scrapes are answered while this thread is busy:
 * with the current values of all metrics whose registry has a shared store, which is the default. What only this thread
 * knows (a `collect`, collectors, numbers of the event loop and the heap) the server requests from it; while it does not
 * answer, the last known values are served, `promark_main_thread_responsive` is 0 and `nodejs_eventloop_stalled_seconds`
 * says for how long. A thread that ends by itself is replaced on the same port, after three times by this one. Where no
 * thread can be started, and in the workers of a cluster, which share the port, the server runs in this one. The server
 * does not keep the process alive, unless `keepProcessAlive` is set.
 *
 * @param options A port, or options. Default: port 8000 of every address, and the default registry.
 * @returns The server, once it listens. Rejects with ConfigError for unusable options, and with a PromarkError that
 * names port and host where it cannot listen there.
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
  // The workers of a cluster share a port, which only their main threads can.
  if (!settings.thread || cluster.isWorker || !isObservable(registry)) return serve(settings);
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

/** Whether another thread can make the pages: not for a page source of the caller's own, or a registry of an older promark. */
function isObservable(registry: PageSource): registry is Registry {
  return 'observe' in registry && 'prepare' in registry;
}
