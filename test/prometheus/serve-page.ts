import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'promark';

/** A registry's page over loopback. */
export interface ServedPage {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves a registry's page on a free loopback port, in the format that is accepted. */
export async function servePage(registry: Registry): Promise<ServedPage> {
  const server = createServer(async (request, response) => {
    const { contentType, body } = await registry.render(request.headers.accept);
    response.writeHead(200, { 'Content-Type': contentType }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
