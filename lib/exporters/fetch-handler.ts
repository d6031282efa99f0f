import type { Page } from '../formats/page.js';
import { register } from '../registry/default-registry.js';
import { wantsGzip } from './accept-encoding.js';
import { checkNumber } from './check-number.js';
import { checkPageSource, type PageSource } from './page-source.js';
import { namesOf } from './request-target.js';
import { Turns } from './turns.js';

/** What a handler of fetched scrapes can be told. */
export interface FetchHandlerOptions {
  /** The most pages that are rendered at the same time, 1 or more; others wait for their turn. Default: 100. */
  readonly maxScrapes?: number;
}

/** Answers a scrape. The promise never rejects. */
export type FetchHandler = (request: Request) => Promise<Response>;

const COMMON_HEADERS = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };

/**
 * Makes a handler that answers a `Request` with a `Response`, for Hono, Bun, Deno, route handlers of Next and workers.
 * It answers as `metricsHandler` does: GET and HEAD with the page in the format, escaping and compression that the request
 * asks for, other methods with 405, a page that cannot be rendered with 500. Throws ConfigError for options that cannot
 * be used.
 *
 * @param registry Where the page comes from. Default: the default registry, `register`.
 *
 * @example
 * app.get('/metrics', (c) => handler(c.req.raw)); // Hono, with const handler = fetchHandler()
 * @example
 * export const GET = fetchHandler(); // Next: app/metrics/route.ts
 */
export function fetchHandler(registry: PageSource = register, options: FetchHandlerOptions = {}): FetchHandler {
  checkPageSource(registry);
  const turns = new Turns(checkNumber('maxScrapes', options.maxScrapes, 1, 1_000_000, 100));
  return async (request) => {
    const { method, headers } = request;
    if (method !== 'GET' && method !== 'HEAD') {
      return short(405, 'Only GET and HEAD are allowed here.', { Allow: 'GET, HEAD' });
    }
    try {
      const wanted = { accept: headers.get('accept') ?? undefined, names: namesOf(request.url) };
      const page = await turns.take(() => registry.render(wanted));
      return answer(page, wantsGzip(headers.get('accept-encoding') ?? undefined), method === 'HEAD');
    } catch (error) {
      tell(registry, error);
      return short(500, 'The page could not be rendered. The log of this process tells why.');
    }
  };
}

function answer(page: Page, gzip: boolean, head: boolean): Response {
  const headers = {
    ...COMMON_HEADERS,
    'Content-Type': page.contentType,
    Vary: 'Accept, Accept-Encoding',
    ...(gzip ? { 'Content-Encoding': 'gzip' } : { 'Content-Length': String(page.length) }),
  };
  if (head) return new Response(null, { headers });
  const body = streamOf(page);
  return new Response(gzip ? body.pipeThrough(new CompressionStream('gzip')) : body, { headers });
}

/** Hands out the page piece by piece as the client takes it. */
function streamOf({ chunks }: Page): ReadableStream<Uint8Array<ArrayBuffer>> {
  let next = 0;
  return new ReadableStream({
    pull(controller) {
      // A copy: a stream may take its buffers away from everybody else, and pages share theirs.
      if (next < chunks.length) controller.enqueue(new Uint8Array(chunks[next++] as Uint8Array));
      else controller.close();
    },
  });
}

function tell(registry: PageSource, error: unknown): void {
  try {
    registry.faults?.instrumentation('rendering a page', error);
  } catch {
    // A log that fails must not cost the answer.
  }
}

function short(status: number, text: string, headers: Record<string, string> = {}): Response {
  const type = { 'Content-Type': 'text/plain; charset=utf-8' };
  return new Response(`${text}\n`, { status, headers: { ...COMMON_HEADERS, ...type, ...headers } });
}
