import { createServer, type RequestListener } from 'node:http';
import type { Duplex } from 'node:stream';
import { listenOnLoopback } from '../support/servers.js';

/** A user's own server with a promark handler in it. */
export interface Serving {
  readonly port: number;
  readonly url: string;
  /** For each accepted connection, resolves when it is closed. The sockets would retain what was sent on them. */
  readonly closed: readonly Promise<void>[];
  /** Accepts a connection that does not use the network. */
  take(connection: Duplex): void;
  stop(): Promise<void>;
}

export async function serve(handler: RequestListener): Promise<Serving> {
  const closed: Promise<void>[] = [];
  const server = createServer(handler).on('connection', (socket) => closed.push(end(socket)));
  const { port, url, close } = await listenOnLoopback(server);
  const take = (connection: Duplex) => void server.emit('connection', connection);
  return { port, url: `${url}/metrics`, closed, take, stop: close };
}

function end(socket: Duplex): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}
