import { createServer, type RequestListener } from 'node:http';
import type { Duplex } from 'node:stream';
import { listenOnLoopback } from '../support/servers.js';

/** A server of the user's own, with a handler of ours in it. */
export interface Serving {
  readonly port: number;
  readonly url: string;
  /** Of every connection that came in, when it is closed. The connections themselves would hold what was sent on them. */
  readonly closed: readonly Promise<void>[];
  /** Takes a connection that comes over no network. */
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
