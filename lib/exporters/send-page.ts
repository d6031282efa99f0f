import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import { COMMON_HEADERS } from './answers.js';
import type { SentPage } from './page-source.js';
import { cutOff, limitSending } from './transport.js';

/** How a page is sent. */
export interface SendOptions {
  readonly gzip: boolean;
  /** Whether only the headers are sent. */
  readonly head: boolean;
  /** Milliseconds until a client that has not taken the page is cut off. */
  readonly timeoutMs: number;
}

/** Metrics are so repetitive that the fastest level comes within a tenth of the best, in a quarter of the time. */
const GZIP = { level: constants.Z_BEST_SPEED, chunkSize: 64 * 1024 };

/**
 * Sends a page chunk by chunk, each when the client has taken the one before, so that nothing is copied for a slow
 * client. Resolves to whether the page was sent, or the client is gone; never rejects.
 */
export async function sendPage(response: ServerResponse, page: SentPage, options: SendOptions): Promise<boolean> {
  limitSending(response, options.timeoutMs);
  response.writeHead(200, headersOf(page, options));
  if (options.head) {
    response.end();
    return false;
  }
  const pieces = Readable.from(page.chunks);
  try {
    // Compression runs on the thread pool.
    await (options.gzip ? pipeline(pieces, createGzip(GZIP), response) : pipeline(pieces, response));
    return true;
  } catch {
    // The client went away or was cut off; `pipeline` has closed the connection.
    return false;
  }
}

function headersOf(page: SentPage, { gzip }: SendOptions): OutgoingHttpHeaders {
  return {
    ...COMMON_HEADERS,
    'Content-Type': page.contentType,
    Vary: 'Accept, Accept-Encoding',
    // The length of a compressed page is known only at its end.
    ...(gzip ? { 'Content-Encoding': 'gzip' } : { 'Content-Length': page.length }),
  };
}

/**
 * The clients that are downloading a page, up to a limit: each holds one page, so the limit bounds the memory that
 * clients can take. Beyond it, the oldest download that the server has to wait for is cut off. Clients that keep up are
 * left alone: they are about to finish.
 */
export class ActiveDownloads {
  private readonly active = new Set<ServerResponse>();

  constructor(private readonly limit: number) {}

  /** Counts a client until its page is sent. */
  async during(response: ServerResponse, send: () => Promise<void>): Promise<void> {
    if (this.active.size >= this.limit) this.cutOne();
    this.active.add(response);
    try {
      await send();
    } finally {
      this.active.delete(response);
    }
  }

  private cutOne(): void {
    for (const response of this.active) {
      if (!response.writableNeedDrain) continue;
      this.active.delete(response);
      cutOff(response);
      return;
    }
  }
}
