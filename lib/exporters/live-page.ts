import type { IncomingMessage, ServerResponse } from 'node:http';
import { ConfigError } from '../model/errors.js';
import type { LiveProcess } from '../page/live-data.js';
import { LiveFeed } from '../page/live-feed.js';
import { type LiveDocument, programTitle, readLiveDocument } from './live-document.js';
import { type PageSource, reportFault } from './page-source.js';
import { COMMON_HEADERS, isOver } from './responses.js';
import { pathOf, wantsGzip, withoutFinalSlashes } from './scrape-request.js';
import { gzipped } from './send-page.js';

/** The path of the data, below that of the page. */
const DATA = '/live.json';

/** Smaller responses are not worth compressing. */
const MIN_COMPRESSED_BYTES = 1024;

/**
 * Returns the paths that a router needs for a live page: its own and that of its data.
 *
 * @example livePaths('/live') // ['/live', '/live/live.json']
 */
export function livePaths(page: string): readonly [page: string, data: string] {
  const path = withoutFinalSlashes(page);
  return [path, path + DATA];
}

/** Statistics about the scrapes of a server. */
export class ScrapeStats {
  private last: { readonly bytes: number; readonly milliseconds: number; readonly at: number } | undefined;
  private count = 0;

  /** Records a page sent to a scraper. */
  record(bytes: number, milliseconds: number): void {
    this.count += 1;
    this.last = { bytes, milliseconds, at: performance.now() };
  }

  /** The statistics in the form that the live page shows; undefined before the first scrape. */
  get summary(): LiveProcess['scrape'] {
    if (this.last === undefined) return undefined;
    const { bytes, milliseconds, at } = this.last;
    return { bytes, milliseconds, secondsAgo: (performance.now() - at) / 1000, count: this.count };
  }
}

/** The parts of a request that the live page reads, from Node or a `Request`. */
export interface LiveRequest {
  readonly method: string | undefined;
  /** The request target as sent, or the whole URL. */
  readonly target: string;
  /** Returns a header by its name in lower case. */
  header(name: string): string | undefined;
}

/** A response of the live page. */
export interface LiveReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined for HEAD, and if the browser already has the page. */
  readonly body: Buffer | undefined;
}

/** The live page of a registry at a path, with its data below it. */
export class LivePage {
  private document: LiveDocument | undefined;
  private readonly feed: LiveFeed;
  private readonly paths: readonly [page: string, data: string];

  /** @param title The program's name on the page. */
  constructor(
    private readonly registry: PageSource,
    path: string,
    scrapes: ScrapeStats,
    title: string,
  ) {
    const describeProcess = () => {
      const scrape = scrapes.summary;
      const program = { title, pid: process.pid, uptimeSeconds: process.uptime() };
      return scrape === undefined ? program : { ...program, scrape };
    };
    this.paths = livePaths(path);
    this.feed = new LiveFeed(async (use) => this.registry.live?.(use), describeProcess);
  }

  /**
   * Answers a GET or HEAD request for the page or its data. Never rejects.
   *
   * @param challenge The `WWW-Authenticate` header for a client without credentials. Browsers prompt for a name and
   * password, but not for a token. The page asks for the token itself, so the page is sent to such a client too, but
   * never its data.
   * @returns Undefined for any other request, such as a scrape.
   */
  async reply(request: LiveRequest, challenge?: string): Promise<LiveReply | undefined> {
    const { method } = request;
    if (method !== 'GET' && method !== 'HEAD') return undefined;
    const part = this.partAt(request.target);
    const reply = part === 'data' ? await this.data(request, challenge) : part && this.page(request, challenge);
    return reply === undefined || method === 'GET' ? reply : { ...reply, body: undefined };
  }

  private partAt(target: string): 'page' | 'data' | undefined {
    const requested = withoutFinalSlashes(pathOf(target));
    const [page, data] = this.paths;
    // A router or proxy may have mounted the handler below another path.
    const isBelow = (ending: string) => (page === '' ? requested === ending : requested.endsWith(ending));
    if (isBelow(data)) return 'data';
    return isBelow(page) ? 'page' : undefined;
  }

  /** Returns the page for browsers only: other clients get the metrics as usual. */
  private page(request: LiveRequest, challenge: string | undefined): LiveReply | undefined {
    if (request.header('accept')?.includes('text/html') !== true) return undefined;
    if (challenge?.startsWith('Bearer') === false) return undefined;
    const document = this.loadDocument();
    if (document === undefined)
      return textReply(501, 'This bundle does not include the live page; the metrics are not affected.');
    const { compressed, plain, headers } = document;
    if (challenge === undefined && request.header('if-none-match') === headers.ETag) {
      return { status: 304, headers, body: undefined };
    }
    const isGzipped = wantsGzip(request.header('accept-encoding'));
    const reply = bodyReply(headers, isGzipped ? compressed : plain, isGzipped);
    if (challenge === undefined) return reply;
    return { ...reply, status: 401, headers: { ...reply.headers, 'WWW-Authenticate': challenge } };
  }

  /** Returns what has changed since the sample that the request names. */
  private async data({ target, header }: LiveRequest, challenge: string | undefined): Promise<LiveReply | undefined> {
    if (challenge !== undefined) return undefined;
    try {
      const body = Buffer.from(await this.feed.answer(sinceOf(target)));
      const isGzipped = body.length >= MIN_COMPRESSED_BYTES && wantsGzip(header('accept-encoding'));
      const sent = isGzipped ? await gzipped(body, { level: 1 }) : body;
      return bodyReply(
        { ...COMMON_HEADERS, 'Content-Type': 'application/json', Vary: 'Accept-Encoding' },
        sent,
        isGzipped,
      );
    } catch (error) {
      reportFault(this.registry, 'the data of the live page', error);
      return textReply(500, 'The data could not be read. See the log of this process.');
    }
  }

  private loadDocument(): LiveDocument | undefined {
    try {
      this.document ??= readLiveDocument();
    } catch (error) {
      reportFault(this.registry, 'the live page, whose file is missing', error);
    }
    return this.document;
  }
}

/**
 * Creates the live page for the option `page` of a handler. Throws ConfigError if the registry cannot show one.
 *
 * @param path Undefined for no page.
 */
export function livePageAt(
  path: string | undefined,
  subject: string,
  registry: PageSource,
  scrapes: ScrapeStats,
): LivePage | undefined {
  if (path === undefined) return undefined;
  if (registry.live === undefined) {
    throw new ConfigError(
      `${subject}: option page needs a promark Registry, but this page source only has \`render\`. Omit page, or ` +
        'implement `live()` in the source.',
    );
  }
  return new LivePage(registry, path, scrapes, programTitle());
}

/** Reads a Node request for the live page. */
export function liveRequest({ method, url = '/', headers }: IncomingMessage): LiveRequest {
  return { method, target: url, header: (name) => headers[name]?.toString() };
}

/** Sends a response of the live page, unless the client is gone. */
export function sendReply(response: ServerResponse, { status, headers, body }: LiveReply): void {
  if (isOver(response)) return;
  // Helmet, for example, sets a policy that forbids the page's script.
  response.removeHeader('Content-Security-Policy');
  response.removeHeader('Content-Security-Policy-Report-Only');
  response.writeHead(status, headers).end(body);
}

function bodyReply(headers: LiveReply['headers'], body: Buffer, isGzipped: boolean): LiveReply {
  const length = { 'Content-Length': String(body.length) };
  return {
    status: 200,
    headers: { ...headers, ...(isGzipped && { 'Content-Encoding': 'gzip' }), ...length },
    body,
  };
}

function textReply(status: number, text: string): LiveReply {
  const headers = { ...COMMON_HEADERS, 'Content-Type': 'text/plain; charset=utf-8' };
  return { ...bodyReply(headers, Buffer.from(`${text}\n`), false), status };
}

function sinceOf(target: string): string {
  const query = target.indexOf('?');
  return query < 0 ? '' : (new URLSearchParams(target.slice(query)).get('since') ?? '');
}
