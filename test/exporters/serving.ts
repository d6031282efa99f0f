import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A server of the user's own, with a handler of ours in it. */
export interface Serving {
  readonly port: number;
  readonly url: string;
  /** Of every connection that came in, when it is closed. The connections themselves would hold what was sent on them. */
  readonly closed: readonly Promise<void>[];
  stop(): Promise<void>;
}

export async function serve(handler: RequestListener): Promise<Serving> {
  const closed: Promise<void>[] = [];
  const server = createServer(handler).on('connection', (socket) => closed.push(end(socket)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { port, url: `http://127.0.0.1:${port}/metrics`, closed, stop };
}

function end(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}
