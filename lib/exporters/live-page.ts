import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync, gzip } from 'node:zlib';
import type { LiveProcess } from '../page/live-data.js';
import { LiveFeed } from '../page/live-feed.js';
import { answerShortly, COMMON_HEADERS, isOver } from './answers.js';
import { type PageSource, reportFault } from './page-source.js';
import { pathOf, wantsGzip } from './scrape-request.js';

/** The path of the data, below that of the page. */
const DATA = 'live.json';

/** Answers that are worth compressing. */
const COMPRESSED_FROM = 1024;

/** The page as it is sent: a constant. */
interface Document {
  readonly packed: Buffer;
  readonly plain: Buffer;
  readonly headers: OutgoingHttpHeaders;
}

/**
 * Where the page is: next to this module, in the package as in a bundle that has taken it along, and in the sources,
 * where Jest makes it before a run.
 */
export const livePageFile = { locate: (): URL => new URL('./live-page.html.gz', import.meta.url) };

/** What is known of the scrapes of a server. */
export class ScrapeLog {
  private last: { readonly bytes: number; readonly milliseconds: number; readonly at: number } | undefined;
  private count = 0;

  /** Notes a page that a scraper has got. */
  note(bytes: number, milliseconds: number): void {
    this.count += 1;
    this.last = { bytes, milliseconds, at: performance.now() };
  }

  /** For the live page. */
  get state(): LiveProcess['scrape'] {
    if (this.last === undefined) return undefined;
    const { bytes, milliseconds, at } = this.last;
    return { bytes, milliseconds, secondsAgo: (performance.now() - at) / 1000, count: this.count };
  }
}

/** Serves the live page of a registry and its data. */
export class LivePage {
  private document: Document | undefined;
  private readonly feed: LiveFeed;

  constructor(
    private readonly registry: PageSource,
    title: string,
    scrapes: ScrapeLog,
  ) {
    const about = (): LiveProcess => {
      const scrape = scrapes.state;
      const process_ = { title, pid: process.pid, uptimeSeconds: process.uptime(), scope: 'this process' };
      return scrape === undefined ? process_ : { ...process_, scrape };
    };
    this.feed = new LiveFeed(() => this.registry.live?.() ?? Promise.resolve({ families: [], prefix: '' }), about);
  }

  /** Sends the page, with a status such as 401 for one that only asks for a token. */
  sendPage(request: IncomingMessage, response: ServerResponse, status = 200, more: OutgoingHttpHeaders = {}): void {
    const document = this.documentOrNone();
    if (document === undefined) {
      answerShortly(response, 501, 'The live page was left out of this bundle. The metrics are there.');
      return;
    }
    if (isOver(response)) return;
    // Such as that of helmet, which does not know the page's script.
    response.removeHeader('Content-Security-Policy');
    const { packed, plain, headers } = document;
    if (status === 200 && request.headers['if-none-match'] === headers.ETag) {
      response.writeHead(304, { ...headers, ...more }).end();
      return;
    }
    const zipped = wantsGzip(request.headers['accept-encoding']);
    sendBody(request, response, status, { ...headers, ...more }, zipped ? packed : plain, zipped);
  }

  /** Sends what has changed since the sample that the request names. */
  async sendData(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const body = Buffer.from(await this.feed.answer(sinceOf(request.url ?? '')));
      const headers = { ...COMMON_HEADERS, 'Content-Type': 'application/json', Vary: 'Accept-Encoding' };
      const zipped = body.length >= COMPRESSED_FROM && wantsGzip(request.headers['accept-encoding']);
      const sent = zipped ? await promisify(gzip)(body, { level: 1 }) : body;
      if (isOver(response)) return;
      sendBody(request, response, 200, headers, sent, zipped);
    } catch (error) {
      reportFault(this.registry, 'the data of the live page', error);
      answerShortly(response, 500, 'The data could not be read. See the log of this process.');
    }
  }

  private documentOrNone(): Document | undefined {
    try {
      this.document ??= readDocument();
    } catch (error) {
      reportFault(this.registry, 'the live page, whose file is missing', error);
    }
    return this.document;
  }
}

function sendBody(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: OutgoingHttpHeaders,
  body: Buffer,
  zipped: boolean,
): void {
  response.writeHead(status, {
    ...headers,
    ...(zipped && { 'Content-Encoding': 'gzip' }),
    'Content-Length': body.length,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** Which of both a path asks for, where the page is at a path; undefined for neither. */
export function livePart(target: string, path: string): 'page' | 'data' | undefined {
  const asked = pathOf(target);
  const base = path.endsWith('/') ? path : `${path}/`;
  if (asked === path || asked === base) return 'page';
  return asked === base + DATA ? 'data' : undefined;
}

/** Whether a client is a browser that opens a page: others get the plain answers they are used to. */
export function wantsDocument({ headers, method }: Pick<IncomingMessage, 'headers' | 'method'>): boolean {
  return (method === 'GET' || method === 'HEAD') && headers.accept?.includes('text/html') === true;
}

function sinceOf(target: string): string {
  const query = target.indexOf('?');
  return query < 0 ? '' : (new URLSearchParams(target.slice(query)).get('since') ?? '');
}

function readDocument(): Document {
  const packed = readFileSync(livePageFile.locate());
  const plain = gunzipSync(packed);
  const text = plain.toString();
  const hashes = (tag: string) =>
    [...text.matchAll(new RegExp(`<${tag}[^>]*>([\\s\\S]*?)</${tag}>`, 'g'))]
      .map(([, content]) => `'sha256-${createHash('sha256').update(content).digest('base64')}'`)
      .join(' ');
  const policy = [
    "default-src 'none'",
    `script-src ${hashes('script')}`,
    `style-src ${hashes('style')}`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
  ].join('; ');
  return {
    packed,
    plain,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': policy,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      // The browser asks each time, and mostly gets 304.
      'Cache-Control': 'no-cache',
      ETag: `"${createHash('sha256').update(packed).digest('base64url').slice(0, 16)}"`,
      Vary: 'Accept, Accept-Encoding',
    },
  };
}

/** What the page calls the program: the name and version of its package, or of its file. */
export function programTitle(): string {
  const file = process.argv[1] ?? 'node';
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    try {
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<
        string,
        unknown
      >;
      if (typeof name === 'string') return typeof version === 'string' ? `${name} ${version}` : name;
    } catch {
      // Not there, or not readable: the folder above may have one.
    }
    if (dirname(folder) === folder) return basename(file);
  }
}
