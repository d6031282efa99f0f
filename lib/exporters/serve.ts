import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PromarkError } from '../model/errors.js';
import { builtin } from '../model/load-at-runtime.js';
import { Credentials } from './auth.js';
import { Connections } from './connections.js';
import { DEFAULT_SEND_TIMEOUT_MS } from './handler-options.js';
import { LivePage, liveRequest, ScrapeStats, sendReply } from './live-page.js';
import { scrapeHandler } from './metrics-handler.js';
import { reportFault } from './page-source.js';
import { admitRequest, waitForTurn } from './pipelining.js';
import { rejectMethod, rejectUnauthorized, sendLandingPage, sendOptions, sendText } from './responses.js';
import { pathOf } from './scrape-request.js';
import type { ServerSettings } from './server-options.js';
import { checkRenewal, renew, type ServerTls } from './tls/server-tls.js';
import { limitSending } from './transport.js';

/** A running metrics server. `await using server = await startHttpServer()` closes it at the end of the block. */
export interface MetricsServer extends AsyncDisposable {
  /** The port the server listens on; for `port: 0`, the one that was picked. */
  readonly port: number;
  /** The URL of the page, such as `http://localhost:8000/metrics`; `https:` with TLS. */
  readonly url: string;
  /**
   * Stops listening, lets running scrapes finish and closes idle connections. Resolves once all connections are closed,
   * which the time limits on collecting and sending guarantee. Further calls have no effect.
   */
  close(): Promise<void>;
  /**
   * Replaces the certificate of a server with `tls`, for example before the old one expires. New connections use the
   * new certificate and are checked against the new `ca`; open connections are closed after their current response.
   * Resolves once the certificate is in use. Rejects with ConfigError, and keeps the old one, if the certificate is
   * invalid, the server was started without TLS, or a `ca` is added or removed; rejects with PromarkError if the server
   * is closed, or in Bun, which does not support this.
   *
   * @example
   * process.on('SIGHUP', () => void server.setTls({ cert: readFileSync(certFile), key: readFileSync(keyFile) }));
   */
  setTls(tls: ServerTls): Promise<void>;
}

/** Serves a registry's pages in this thread. Resolves once the server is listening. */
export async function serve(settings: ServerSettings): Promise<MetricsServer> {
  const { host, path, tls, keepProcessAlive, registry } = settings;
  const connections = new Connections(settings.maxConnections, keepProcessAlive);
  const server = nodeServer(settings, requestListener(settings), connections);
  const port = await listen(server, settings.port, host);
  // For example if file descriptors run out: that connection is lost, but the server keeps running.
  server.on('error', (error) => reportFault(registry, 'the metrics server', error));
  if (!keepProcessAlive) server.unref();
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= new Promise((resolve) => {
      server.close(() => resolve());
      connections.close();
    });
    return closed;
  };
  const url = `${tls === undefined ? 'http' : 'https'}://${hostInUrl(host)}:${port}${path}`;
  const setTls = async (renewed: ServerTls) => {
    if (closed !== undefined) throw closedError();
    renew(server, checkRenewal(tls, renewed));
    connections.endAll();
  };
  return { port, url, close, setTls, [Symbol.asyncDispose]: close };
}

/** The error for calls on a closed server. */
export function closedError(): PromarkError {
  return new PromarkError('The metrics server is closed.');
}

/** Longer than most scrape intervals, so that scrapers find their connection still open. */
const KEEP_ALIVE_MS = 65_000;

/** Creates the Node server with all its limits; an HTTPS server if the settings have `tls`. */
function nodeServer(settings: ServerSettings, answer: RequestListener, connections: Connections): Server {
  const { tls, requestTimeoutMs, maxHeaderBytes } = settings;
  const limits = {
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: requestTimeoutMs,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // How often time limits are checked.
    connectionsCheckingInterval: Math.min(1000, requestTimeoutMs),
  };
  const listener: RequestListener = (request, response) => {
    connections.begin(request.socket);
    response.once('close', () => connections.end(request.socket));
    answer(request, response);
  };
  const server =
    tls === undefined
      ? builtin('node:http').createServer(limits, listener)
      : builtin('node:https').createServer(
          {
            ...limits,
            ...tls,
            requestCert: tls.ca !== undefined,
            rejectUnauthorized: true,
            handshakeTimeout: requestTimeoutMs,
          },
          listener,
        );
  return server.on('connection', (socket) => connections.add(socket));
}

const LISTEN_ERRORS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken. Choose another `port` (0 picks a free one), or stop the program that uses it',
  EACCES: 'permission denied. Choose a `port` above 1023',
  EADDRNOTAVAIL: 'this machine has no such address. Omit `host` to listen on all addresses',
  EAFNOSUPPORT: 'this machine does not support this kind of address. Omit `host` to listen on all addresses',
  EINVAL: 'the address is incomplete. If it begins with fe80, append its interface, such as %eth0',
  ENOTFOUND: 'the name cannot be resolved. Omit `host` to listen on all addresses',
};

/** Binds a server and returns its port. Rejects with a PromarkError that names port and host. */
async function listen(server: Server, port: number, host: string | undefined): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => reject(listenError(error, port, host));
    server.once('error', failed);
    server.listen({ port, host }, () => {
      server.off('error', failed);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

function listenError(error: NodeJS.ErrnoException, port: number, host: string | undefined): PromarkError {
  const where = host === undefined ? 'on all addresses' : `on host ${host}`;
  const reason = LISTEN_ERRORS[error.code ?? ''] ?? error.message;
  return new PromarkError(`The metrics server cannot listen on port ${port} ${where}: ${reason}.`, { cause: error });
}

function hostInUrl(host: string | undefined): string {
  if (host === undefined || host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

/** Answers a request. */
export type RequestListener = (request: IncomingMessage, response: ServerResponse) => unknown;

/** Creates the request listener of a metrics server, which checks credentials and routes by path. */
export function requestListener(settings: ServerSettings): RequestListener {
  const { registry, path, auth, methods, maxScrapes, sendTimeoutMs, page, title } = settings;
  const scrapes = new ScrapeStats();
  const answerPage = scrapeHandler(registry, { maxScrapes, sendTimeoutMs }, scrapes);
  const live =
    page && path !== '/' && registry.live !== undefined ? new LivePage(registry, '/', scrapes, title) : undefined;
  const credentials = auth && new Credentials(auth);
  return async (request, response) => {
    // Writing to a broken connection must not end the process.
    response.on('error', () => {});
    if (!admitRequest(request, response)) return;
    await waitForTurn(response);
    const requested = pathOf(request.url ?? '/');
    const isKnown = requested === path || requested === '/';
    const allowed = methods.some((method) => method === request.method);
    // Checked first, so that a client without credentials learns nothing about the paths.
    const challenge = credentials?.challengeFor(request.headers.authorization);
    if (challenge === undefined && requested === path && allowed && request.method !== 'OPTIONS') {
      return answerPage(request, response);
    }
    limitSending(response, sendTimeoutMs ?? DEFAULT_SEND_TIMEOUT_MS);
    const reply = allowed ? await live?.reply(liveRequest(request), challenge) : undefined;
    if (reply !== undefined) return sendReply(response, reply);
    if (challenge !== undefined) return rejectUnauthorized(request, response, challenge);
    // The asterisk means the server as a whole (RFC 9110, section 9.3.7).
    if (request.method === 'OPTIONS' && allowed && (isKnown || requested === '*')) sendOptions(response, methods);
    else if (!isKnown) sendText(response, 404, `Not found. The metrics are at ${path}.`);
    else if (!allowed) rejectMethod(request, response, methods);
    else sendLandingPage(response, path);
  };
}
