import { createServer, type OutgoingHttpHeaders } from 'node:http';
import { metricsHandler, type Registry } from 'promark';
import { listenOnLoopback } from '../support/servers.js';
import type { ServedPage } from './serve-page.js';

/** A page that is served the way programs do. */
export interface HandledPage extends ServedPage {
  /** The headers of every answer. */
  readonly answers: readonly OutgoingHttpHeaders[];
}

/** Serves a registry with `metricsHandler` on a free loopback port. */
export async function serveHandler(registry: Registry): Promise<HandledPage> {
  const handler = metricsHandler(registry);
  const answers: OutgoingHttpHeaders[] = [];
  const server = createServer(async (request, response) => {
    const writeHead = response.writeHead.bind(response) as (
      status: number,
      headers: OutgoingHttpHeaders,
    ) => typeof response;
    const noted: typeof writeHead = (status, headers) => {
      answers.push(headers);
      return writeHead(status, headers);
    };
    Object.assign(response, { writeHead: noted });
    await handler(request, response);
  });
  const { url, close } = await listenOnLoopback(server);
  return {
    url: `${url}/metrics`,
    answers,
    close,
  };
}
