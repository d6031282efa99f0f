import type { Server } from 'node:http';
import { closedError } from './closed-error.js';
import { Connections } from './connections.js';
import { listen } from './listen.js';
import { nodeServer } from './node-server.js';
import { requestListener } from './request-listener.js';
import type { ServerSettings } from './server-options.js';
import { checkRenewal, renew } from './tls/renewal.js';
import type { ServerTls } from './tls/server-tls.js';

/** A running metrics server. `await using server = await startHttpServer()` closes it at the end of the block. */
export interface MetricsServer extends AsyncDisposable {
  /** The port that it listens on; the one that was picked, if it was to pick one. */
  readonly port: number;
  /** Where the page is, such as `http://localhost:8000/metrics`; `https:` with TLS. */
  readonly url: string;
  /**
   * Stops listening, lets running scrapes finish and closes idle connections. Resolves when all are closed: at the
   * latest when collecting and sending have reached their time limits. Calling it again changes nothing.
   */
  close(): Promise<void>;
  /**
   * Has a server with `tls` show another certificate, as when the old one is about to expire. Who comes from now on sees
   * it and is judged by the new `ca`; connections that are open are closed when they have their answer. Resolves when
   * that is so. Rejects with ConfigError for what cannot be used, and the old one stays: also where the server was started
   * without TLS, or where a `ca` comes or goes; with PromarkError where the server is closed, or runs in Bun, which cannot
   * do this.
   *
   * @example
   * process.on('SIGHUP', () => void server.setTls({ cert: readFileSync(certFile), key: readFileSync(keyFile) }));
   */
  setTls(tls: ServerTls): Promise<void>;
}

/** Serves a registry's pages in this thread. Resolves when the server listens. */
export async function serve(settings: ServerSettings): Promise<MetricsServer> {
  const { host, path, tls, keepProcessAlive, registry } = settings;
  const connections = new Connections(settings.maxConnections, keepProcessAlive);
  const server = nodeServer(settings, requestListener(settings), connections);
  const port = await listen(server, settings.port, host);
  // Such as running out of file descriptors: the connection is lost, the server is not.
  server.on('error', (error) => registry.faults?.instrumentation('the metrics server', error));
  if (!keepProcessAlive) server.unref();
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= closeServer(server, connections);
    return closed;
  };
  const url = `${tls === undefined ? 'http' : 'https'}://${hostInUrl(host)}:${port}${path}`;
  const setTls = async (given: ServerTls) => {
    if (closed !== undefined) throw closedError();
    renew(server, checkRenewal(tls, given));
    connections.endAll();
  };
  return { port, url, close, setTls, [Symbol.asyncDispose]: close };
}

function closeServer(server: Server, connections: Connections): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    connections.close();
  });
}

function hostInUrl(host: string | undefined): string {
  if (host === undefined || host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
