import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Page } from '../formats/page.js';
import { leaveOut } from '../model/excluded.js';
import { register } from '../registry/default-registry.js';
import { wantsGzip } from './accept-encoding.js';
import { checkNumber, LONGEST_MS } from './check-number.js';
import { checkPageSource, type PageSource } from './page-source.js';
import { Readers } from './readers.js';
import { namesOf } from './request-target.js';
import { sendPage } from './send-page.js';
import { answerShortly, isOver, isRead, refuseMethod } from './short-answer.js';
import { Turns } from './turns.js';

/** What a handler of scrapes can be told. */
export interface MetricsHandlerOptions {
  /**
   * The most pages that are rendered at the same time, and the most that are being sent, 1 or more. Requests beyond the
   * one wait for their turn; beyond the other, the client that has kept the server waiting for longest is cut off.
   * Default: 100.
   */
  readonly maxScrapes?: number;
  /** Milliseconds that a client may take to read a page before its connection is cut off. Default: 60 000. */
  readonly sendTimeoutMs?: number;
}

/** Answers a scrape. The promise settles when the answer is sent or the client is gone; it never rejects. */
export type MetricsHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * Makes a handler that answers every GET and HEAD with the registry's page, for `node:http`, Express and Connect, and
 * for Koa by way of `ctx.req` and `ctx.res`. Format and escaping follow the request's `Accept`, gzip its
 * `Accept-Encoding`; `?name[]=a&name[]=b` restricts the page. Other methods are answered 405, a page that cannot be
 * rendered 500. Throws ConfigError for options that cannot be used.
 *
 * @param registry Where the page comes from. Default: the default registry, `register`.
 *
 * @example
 * app.get('/metrics', metricsHandler());
 */
export function metricsHandler(registry: PageSource = register, options: MetricsHandlerOptions = {}): MetricsHandler {
  checkPageSource(registry);
  const limit = checkNumber('maxScrapes', options.maxScrapes, 1, 1_000_000, 100);
  const timeoutMs = checkNumber('sendTimeoutMs', options.sendTimeoutMs, 1, LONGEST_MS, 60_000);
  const [turns, readers] = [new Turns(limit), new Readers(limit)];
  return async (request, response) => {
    // Writing to a connection that broke must not end the process.
    response.on('error', () => {});
    leaveOut(response);
    await turnOf(response);
    if (!isRead(request)) return refuseMethod(request, response);
    try {
      const page = await turns.take(() => render(registry, request, response));
      if (page === undefined || isOver(response)) return;
      const gzip = wantsGzip(one(request.headers['accept-encoding']));
      const sending = { gzip, head: request.method === 'HEAD', timeoutMs };
      await readers.during(response, () => sendPage(response, page, sending));
    } catch (error) {
      fail(registry, response, error);
    }
  };
}

/**
 * Waits until the requests before it on the same connection are answered, so that a client that sends many at once has
 * one page made at a time.
 */
async function turnOf(response: ServerResponse): Promise<void> {
  if (response.socket !== null || response.destroyed) return;
  await new Promise((resolve) => response.once('socket', resolve));
}

/** The page for a request; undefined where nobody waits for one any more. */
async function render(
  registry: PageSource,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Page | undefined> {
  if (isOver(response)) return undefined;
  return registry.render({ accept: request.headers.accept, names: namesOf(request.url ?? '') });
}

/** Tells of a page that could not be rendered: the log why, the scraper that it has none. */
function fail(registry: PageSource, response: ServerResponse, error: unknown): void {
  try {
    registry.faults?.instrumentation('rendering a page', error);
  } catch {
    // A log that fails must not cost the answer.
  }
  answerShortly(response, 500, 'The page could not be rendered. The log of this process tells why.');
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join() : header;
}
