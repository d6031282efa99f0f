import { excludeFromMetrics } from '../model/excluded.js';
import { checkOptions, type OptionRules } from '../model/options.js';
import { Semaphore } from '../model/turn.js';
import { register } from '../processes/register.js';
import { Credentials } from './auth.js';
import { handlerRules, type MetricsHandlerOptions } from './handler-options.js';
import { type LiveReply, livePageAt, ScrapeStats } from './live-page.js';
import { checkPageSource, type PageSource, releaseSent, reportFault, type SentPage } from './page-source.js';
import { COMMON_HEADERS, RENDER_FAILED, UNAUTHORIZED } from './responses.js';
import { namesOf, wantsGzip } from './scrape-request.js';

/** Options of `fetchHandler`. */
export interface FetchHandlerOptions extends Pick<MetricsHandlerOptions, 'page' | 'auth'> {
  /**
   * Maximum number of pages rendered at the same time, 1 or more. Up to ten times as many requests wait; any more are
   * answered with 503. Default: 100.
   */
  readonly maxScrapes?: number;
}

const rules: OptionRules<FetchHandlerOptions> = {
  maxScrapes: handlerRules.maxScrapes,
  page: handlerRules.page,
  auth: handlerRules.auth,
};

/** Answers a scrape. The promise never rejects. */
export type FetchHandler = (request: Request) => Promise<Response>;

/** Maximum number of waiting requests for each page that may be rendered at the same time. */
const WAITING_PER_SCRAPE = 10;

/** The `Retry-After` of a 503. */
const RETRY_AFTER_SECONDS = 5;

/**
 * Returns a handler that turns a `Request` into a `Response`, for Hono, Bun, Deno, Next.js route handlers and workers.
 * Like `metricsHandler`, it answers GET and HEAD with the page in the format, escaping and compression that the request
 * asks for, other methods with 405, and a page that cannot be rendered with 500; if too many requests are waiting, with
 * 503. Next.js compresses responses itself, so the handler does not compress them there. With the option `page`,
 * browsers get the live page at that path. Throws ConfigError for invalid options.
 *
 * @param registry The source of the page. Default: the default registry, `register`.
 *
 * @example
 * app.get('/metrics', (c) => handler(c.req.raw)); // Hono, with const handler = fetchHandler()
 * @example
 * export const GET = fetchHandler(); // Next: app/metrics/route.ts
 */
export function fetchHandler(registry: PageSource = register, options: FetchHandlerOptions = {}): FetchHandler {
  checkPageSource(registry);
  checkOptions('fetchHandler', options, rules);
  const { maxScrapes = 100 } = options;
  const [rendering, scrapes] = [new Semaphore(maxScrapes), new ScrapeStats()];
  const live = livePageAt(options.page, 'fetchHandler', registry, scrapes);
  const credentials = options.auth && new Credentials(options.auth);
  return async (request) => {
    excludeFromMetrics(request);
    const { method, headers, url } = request;
    const isCompressed = isCompressedByNext(request);
    const header = (name: string) =>
      isCompressed && name === 'accept-encoding' ? undefined : (headers.get(name) ?? undefined);
    const challenge = credentials?.challengeFor(header('authorization'));
    const reply = await live?.reply({ method, target: url, header }, challenge);
    if (reply !== undefined) return liveResponse(reply);
    if (challenge !== undefined) return textResponse(401, UNAUTHORIZED, { 'WWW-Authenticate': challenge });
    if (method !== 'GET' && method !== 'HEAD') {
      return textResponse(405, 'Only GET and HEAD are allowed here.', { Allow: 'GET, HEAD' });
    }
    if (rendering.queued >= maxScrapes * WAITING_PER_SCRAPE) {
      return textResponse(503, 'Too many scrapes are waiting.', { 'Retry-After': String(RETRY_AFTER_SECONDS) });
    }
    try {
      const start = performance.now();
      const page = await rendering.run(() => registry.render({ accept: header('accept'), names: namesOf(url) }));
      scrapes.record(page.length, performance.now() - start);
      return pageResponse(page, wantsGzip(header('accept-encoding')), method === 'HEAD', () =>
        releaseSent(registry, page),
      );
    } catch (error) {
      reportFault(registry, 'rendering a page', error);
      return textResponse(500, RENDER_FAILED);
    }
  };
}

/** Next.js compresses responses itself, and drops the `Content-Encoding` that a route handler sets. */
const isCompressedByNext = (request: Request): boolean => 'nextUrl' in request;

function liveResponse({ status, headers, body }: LiveReply): Response {
  return new Response(body === undefined ? null : new Uint8Array(body), { status, headers });
}

function pageResponse(page: SentPage, gzip: boolean, head: boolean, sent: () => void): Response {
  const headers = {
    ...COMMON_HEADERS,
    'Content-Type': page.contentType,
    Vary: 'Accept, Accept-Encoding',
    ...(gzip ? { 'Content-Encoding': 'gzip' } : { 'Content-Length': String(page.length) }),
  };
  if (head) return new Response(null, { headers });
  const body = streamOf(page, sent);
  return new Response(gzip ? body.pipeThrough(new CompressionStream('gzip')) : body, { headers });
}

/** Streams the page chunk by chunk as the client reads it. */
function streamOf({ chunks }: SentPage, sent: () => void): ReadableStream<Uint8Array<ArrayBuffer>> {
  let next = 0;
  return new ReadableStream({
    pull(controller) {
      // A copy: streams may take ownership of their buffers, and pages share theirs.
      if (next < chunks.length) controller.enqueue(new Uint8Array(chunks[next++] as Uint8Array));
      else {
        sent();
        controller.close();
      }
    },
  });
}

function textResponse(status: number, text: string, headers: Record<string, string> = {}): Response {
  const type = { 'Content-Type': 'text/plain; charset=utf-8' };
  return new Response(`${text}\n`, { status, headers: { ...COMMON_HEADERS, ...type, ...headers } });
}
