import { createServer, type Server } from 'node:http';
import { Connections } from './connections.js';
import { listen } from './listen.js';
import { type RequestListener, requestListener } from './request-listener.js';
import type { ServerSettings } from './server-options.js';

/** A running metrics server. `await using server = await startHttpServer()` closes it at the end of the block. */
export interface MetricsServer extends AsyncDisposable {
  /** The port that it listens on; the one that was picked, if it was to pick one. */
  readonly port: number;
  /** Where the page is, such as `http://localhost:8000/metrics`. */
  readonly url: string;
  /**
   * Stops listening, lets running scrapes finish and closes idle connections. Resolves when all are closed: at the
   * latest when collecting and sending have reached their time limits. Calling it again changes nothing.
   */
  close(): Promise<void>;
}

/** Longer than scrapers usually wait between two scrapes, so that they find their connection still open. */
const KEEP_ALIVE_MS = 65_000;

/** Serves a registry's pages in this thread. Resolves when the server listens. */
export async function serve(settings: ServerSettings): Promise<MetricsServer> {
  const { host, path, keepProcessAlive, registry } = settings;
  const connections = new Connections(settings.maxConnections, keepProcessAlive);
  const server = serverFor(settings, requestListener(settings), connections);
  const port = await listen(server, settings.port, host);
  // Such as running out of file descriptors: the connection is lost, the server is not.
  server.on('error', (error) => registry.faults?.instrumentation('the metrics server', error));
  if (!keepProcessAlive) server.unref();
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= closeServer(server, connections);
    return closed;
  };
  return { port, url: `http://${hostInUrl(host)}:${port}${path}`, close, [Symbol.asyncDispose]: close };
}

function serverFor(settings: ServerSettings, answer: RequestListener, connections: Connections): Server {
  const { requestTimeoutMs, maxHeaderBytes } = settings;
  const limits = {
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: requestTimeoutMs,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // How often the time limits are looked at.
    connectionsCheckingInterval: Math.min(1000, requestTimeoutMs),
  };
  const server = createServer(limits, (request, response) => {
    connections.begin(request.socket);
    response.once('close', () => connections.end(request.socket));
    answer(request, response);
  });
  return server.on('connection', (socket) => connections.add(socket));
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
