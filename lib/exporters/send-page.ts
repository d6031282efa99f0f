import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import type { Page } from '../formats/page.js';
import { cutOff } from './cut-off.js';
import { COMMON_HEADERS } from './short-answer.js';

/** How a page is sent. */
export interface Sending {
  readonly gzip: boolean;
  /** Whether only the headers are wanted. */
  readonly head: boolean;
  /** Milliseconds until a client that has not taken the page is cut off. */
  readonly timeoutMs: number;
}

/** Metrics repeat themselves so much that the fastest level comes within a tenth of the best, in a quarter of the time. */
const GZIP = { level: constants.Z_BEST_SPEED, chunkSize: 64 * 1024 };

/**
 * Sends a page in its pieces, each when the client has taken the one before, so that nothing is copied for a slow
 * client. Resolves when all is sent or the client is gone, which is nobody's fault; never rejects for that.
 */
export async function sendPage(response: ServerResponse, page: Page, sending: Sending): Promise<void> {
  response.writeHead(200, headersOf(page, sending));
  if (sending.head) {
    response.end();
    return;
  }
  const timer = setTimeout(cutOff, sending.timeoutMs, response).unref();
  const pieces = Readable.from(page.chunks);
  try {
    // Compression runs on the thread pool.
    await (sending.gzip ? pipeline(pieces, createGzip(GZIP), response) : pipeline(pieces, response));
  } catch {
    // The client went away or was cut off; `pipeline` has ended the connection.
  } finally {
    clearTimeout(timer);
  }
}

function headersOf(page: Page, { gzip }: Sending): OutgoingHttpHeaders {
  return {
    ...COMMON_HEADERS,
    'Content-Type': page.contentType,
    Vary: 'Accept, Accept-Encoding',
    // How long a compressed page gets is known only at its end.
    ...(gzip ? { 'Content-Encoding': 'gzip' } : { 'Content-Length': page.length }),
  };
}
