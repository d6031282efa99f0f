import { createServer } from 'node:http';
import type { Registry } from 'promark';
import { listenOnLoopback } from '../support/servers.js';

/** A registry's page over loopback. */
export interface ServedPage {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves a registry's page on a free loopback port, in the format that the client accepts. */
export async function servePage(registry: Registry): Promise<ServedPage> {
  const server = createServer(async (request, response) => {
    const { contentType, body } = await registry.render(request.headers.accept);
    response.writeHead(200, { 'Content-Type': contentType }).end(body);
  });
  const { url, close } = await listenOnLoopback(server);
  return {
    url: `${url}/metrics`,
    close,
  };
}
