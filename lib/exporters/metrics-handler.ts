import type { IncomingMessage, ServerResponse } from 'node:http';
import { excludeFromMetrics } from '../model/excluded.js';
import { checkOptions, type OptionRule, type OptionRules, rule } from '../model/options.js';
import { Semaphore } from '../model/turn.js';
import { register } from '../processes/register.js';
import { answerShortly, isOver, READ_METHODS, RENDER_FAILED, refuseMethod, refuseUnauthorized } from './answers.js';
import { Credentials, type ServerAuth } from './auth.js';
import { livePageAt, liveRequest, ScrapeLog, sendReply } from './live-page.js';
import { checkPageSource, type PageSource, releaseSent, reportFault, type SentPage } from './page-source.js';
import { admitRequest, turnOf } from './pipelining.js';
import { namesOf, pathRule, wantsGzip } from './scrape-request.js';
import { ActiveDownloads, sendPage } from './send-page.js';
import { limitSending } from './transport.js';

/** Options of `metricsHandler`. */
export interface MetricsHandlerOptions {
  /**
   * Maximum number of pages rendered, and of pages sent, at the same time; 1 or more. Requests beyond the first limit
   * wait for their turn; beyond the second, the client that has kept the server waiting longest is disconnected.
   * Default: 100. A connection may have 4 unanswered requests; with more, it is closed.
   */
  readonly maxScrapes?: number;
  /** Milliseconds a client may take to read a response before it is disconnected. Default: 60 000. */
  readonly sendTimeoutMs?: number;
  /**
   * The path at which browsers get the live page, such as `/live`. It applies to every request whose path ends with it,
   * or with `/live.json` below it for the data. Other clients get the metrics there too. Default: no page.
   */
  readonly page?: string;
  /** The clients that may scrape and see the live page; others get 401. Default: all. */
  readonly auth?: ServerAuth;
}

/** The path of a live page. @internal */
export const pageRule: OptionRule = {
  expected: 'a path such as "/live", at which browsers get the live page',
  accepts: (value) => pathRule.accepts(value) && value !== '/',
};

/** @internal */
export const handlerRules: OptionRules<MetricsHandlerOptions> = {
  maxScrapes: rule.wholeNumber(1, 1_000_000),
  sendTimeoutMs: rule.milliseconds,
  page: pageRule,
  auth: rule.any,
};

/** @internal */
export const DEFAULT_SEND_TIMEOUT_MS = 60_000;

/** Answers a scrape. The promise settles once the response is sent or the client is gone; it never rejects. */
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
  const scrapes = new ScrapeLog();
  const answer = scrapeHandler(registry, options, scrapes);
  const live = livePageAt(options.page, 'metricsHandler', registry, scrapes);
  const credentials = options.auth && new Credentials(options.auth);
  return async (request, response) => {
    // Writing to a broken connection must not end the process.
    response.on('error', () => {});
    excludeFromMetrics(response);
    if (!admitRequest(request, response)) return;
    await turnOf(response);
    const challenge = credentials?.challengeFor(request.headers.authorization);
    const reply = await live?.reply(liveRequest(request), challenge);
    if (reply === undefined && challenge === undefined) return answer(request, response);
    limitSending(response, options.sendTimeoutMs ?? DEFAULT_SEND_TIMEOUT_MS);
    if (reply !== undefined) sendReply(response, reply);
    else if (challenge !== undefined) refuseUnauthorized(request, response, challenge);
  };
}

/** Like `metricsHandler`, for a request that has been admitted and whose turn it is. */
export function scrapeHandler(
  registry: PageSource,
  options: MetricsHandlerOptions,
  scrapes: ScrapeLog,
): MetricsHandler {
  checkPageSource(registry);
  checkOptions('metricsHandler', options, handlerRules);
  const { maxScrapes = 100, sendTimeoutMs = DEFAULT_SEND_TIMEOUT_MS } = options;
  const [rendering, downloads] = [new Semaphore(maxScrapes), new ActiveDownloads(maxScrapes)];
  return async (request, response) => {
    const { method, headers } = request;
    if (method !== 'GET' && method !== 'HEAD') {
      limitSending(response, sendTimeoutMs);
      return refuseMethod(request, response, READ_METHODS);
    }
    try {
      const start = performance.now();
      const page = await rendering.run(() => render(registry, request, response));
      if (page === undefined || isOver(response)) return;
      scrapes.note(page.length, performance.now() - start);
      const sending = {
        gzip: wantsGzip(headers['accept-encoding']),
        head: method === 'HEAD',
        timeoutMs: sendTimeoutMs,
      };
      await downloads.during(response, async () => {
        if (await sendPage(response, page, sending)) releaseSent(registry, page);
      });
    } catch (error) {
      reportFault(registry, 'rendering a page', error);
      limitSending(response, sendTimeoutMs);
      answerShortly(response, 500, RENDER_FAILED);
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
