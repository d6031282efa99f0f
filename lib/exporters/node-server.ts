import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Connections } from './connections.js';
import type { RequestListener } from './request-listener.js';
import type { ServerSettings } from './server-options.js';

/** Longer than scrapers usually wait between two scrapes, so that they find their connection still open. */
const KEEP_ALIVE_MS = 65_000;

/** Makes Node's server, with all its limits, encrypted where the settings say so. */
export function nodeServer(settings: ServerSettings, answer: RequestListener, connections: Connections): Server {
  const { tls, requestTimeoutMs, maxHeaderBytes } = settings;
  const limits = {
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: requestTimeoutMs,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // How often the time limits are looked at.
    connectionsCheckingInterval: Math.min(1000, requestTimeoutMs),
  };
  const listener: RequestListener = (request, response) => {
    connections.begin(request.socket);
    response.once('close', () => connections.end(request.socket));
    answer(request, response);
  };
  if (tls === undefined) {
    return createServer(limits, listener).on('connection', (socket) => connections.add(socket));
  }
  const secure = {
    ...tls,
    requestCert: tls.ca !== undefined,
    rejectUnauthorized: true,
    handshakeTimeout: requestTimeoutMs,
  };
  return createSecureServer({ ...limits, ...secure }, listener).on('connection', (socket: Socket) =>
    connections.add(socket),
  );
}
