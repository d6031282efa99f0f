import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';

/** A server on a loopback port. */
export interface LoopbackServer {
  readonly port: number;
  readonly url: string;
  /** Closes all connections. Resolves once the server is closed. */
  close(): Promise<void>;
}

/** Starts a server on a free port of 127.0.0.1. */
export async function listenOnLoopback(
  server: Server & { closeAllConnections?(): void },
  scheme = 'http',
): Promise<LoopbackServer> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `${scheme}://127.0.0.1:${port}`,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections?.();
      await closed;
    },
  };
}
