import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Registry } from '../lib/index.js';

/** Answers one scrape with the registry's page. Throws what rendering throws, before anything is sent. */
export async function answerScrape(registry: Registry, request: IncomingMessage, response: ServerResponse) {
  const names = new URL(request.url ?? '/', 'http://localhost').searchParams.getAll('name[]');
  const page = await registry.render({ accept: request.headers.accept, names });
  response.writeHead(200, {
    'Content-Type': page.contentType,
    'Content-Length': page.length,
    Vary: 'Accept',
  });
  if (request.method !== 'HEAD') for (const chunk of page.chunks) response.write(chunk);
  response.end();
}
