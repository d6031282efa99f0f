import type { IncomingMessage, ServerResponse } from 'node:http';
import { excludeFromMetrics } from '../model/excluded.js';
import { checkOptions } from '../model/options.js';
import { Semaphore } from '../model/turn.js';
import { register } from '../processes/register.js';
import { Credentials } from './auth.js';
import { DEFAULT_SEND_TIMEOUT_MS, handlerRules, type MetricsHandlerOptions, READ_METHODS } from './handler-options.js';
import { livePageAt, liveRequest, ScrapeStats, sendReply } from './live-page.js';
import { checkPageSource, type PageSource, releaseSent, reportFault, type SentPage } from './page-source.js';
import { admitRequest, waitForTurn } from './pipelining.js';
import { isOver, RENDER_FAILED, rejectMethod, rejectUnauthorized, sendText } from './responses.js';
import { namesOf, wantsGzip } from './scrape-request.js';
import { ActiveDownloads, sendPage } from './send-page.js';
import { limitSending } from './transport.js';

/** Answers a scrape. The promise resolves once the response is sent or the client is gone; it never rejects. */
export type MetricsHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * Returns a handler that answers every GET and HEAD with the registry's page, for `node:http`, Express and Connect, and
 * for Koa via `ctx.req` and `ctx.res`. Format and escaping follow the request's `Accept`, gzip its `Accept-Encoding`;
 * `?name[]=a&name[]=b` restricts the page. Other methods are answered with 405, a page that cannot be rendered with
 * 500. With the option `page`, browsers get the live page at that path. Throws ConfigError for invalid options.
 *
 * @param registry The source of the page. Default: the default registry, `register`.
 *
 * @example
 * app.get('/metrics', metricsHandler());
 * @example
 * app.use('/metrics', metricsHandler(register, { page: '/live' })); // and the live page at /metrics/live
 */
export function metricsHandler(registry: PageSource = register, options: MetricsHandlerOptions = {}): MetricsHandler {
  const scrapes = new ScrapeStats();
  const answer = scrapeHandler(registry, options, scrapes);
  const live = livePageAt(options.page, 'metricsHandler', registry, scrapes);
  const credentials = options.auth && new Credentials(options.auth);
  return async (request, response) => {
    // Writing to a broken connection must not end the process.
    response.on('error', () => {});
    excludeFromMetrics(response);
    if (!admitRequest(request, response)) return;
    await waitForTurn(response);
    const challenge = credentials?.challengeFor(request.headers.authorization);
    const reply = await live?.reply(liveRequest(request), challenge);
    if (reply === undefined && challenge === undefined) return answer(request, response);
    limitSending(response, options.sendTimeoutMs ?? DEFAULT_SEND_TIMEOUT_MS);
    if (reply !== undefined) sendReply(response, reply);
    else if (challenge !== undefined) rejectUnauthorized(request, response, challenge);
  };
}

/** Like `metricsHandler`, for a request that has been admitted and whose turn it is. */
export function scrapeHandler(
  registry: PageSource,
  options: MetricsHandlerOptions,
  scrapes: ScrapeStats,
): MetricsHandler {
  checkPageSource(registry);
  checkOptions('metricsHandler', options, handlerRules);
  const { maxScrapes = 100, sendTimeoutMs = DEFAULT_SEND_TIMEOUT_MS } = options;
  const [rendering, downloads] = [new Semaphore(maxScrapes), new ActiveDownloads(maxScrapes)];
  return async (request, response) => {
    const { method, headers } = request;
    if (method !== 'GET' && method !== 'HEAD') {
      limitSending(response, sendTimeoutMs);
      return rejectMethod(request, response, READ_METHODS);
    }
    try {
      const start = performance.now();
      const page = await rendering.run(() => render(registry, request, response));
      if (page === undefined || isOver(response)) return;
      scrapes.record(page.length, performance.now() - start);
      const sending = {
        gzip: wantsGzip(headers['accept-encoding']),
        head: method === 'HEAD',
        timeoutMs: sendTimeoutMs,
      };
      await downloads.run(response, async () => {
        if (await sendPage(response, page, sending)) releaseSent(registry, page);
      });
    } catch (error) {
      reportFault(registry, 'rendering a page', error);
      limitSending(response, sendTimeoutMs);
      sendText(response, 500, RENDER_FAILED);
    }
  };
}

/** Renders the page for a request; returns undefined if its client is gone. */
async function render(
  registry: PageSource,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<SentPage | undefined> {
  if (isOver(response)) return undefined;
  return registry.render({ accept: request.headers.accept, names: namesOf(request.url ?? '') });
}
