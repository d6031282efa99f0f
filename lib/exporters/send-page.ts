import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { ZlibOptions } from 'node:zlib';
import { builtin } from '../model/load-at-runtime.js';
import type { SentPage } from './page-source.js';
import { COMMON_HEADERS } from './responses.js';
import { cutOff, limitSending } from './transport.js';

/** How a page is sent. */
export interface SendOptions {
  readonly gzip: boolean;
  /** Whether to send only the headers. */
  readonly head: boolean;
  /** Milliseconds before a client that has not read the page is disconnected. */
  readonly timeoutMs: number;
}

/**
 * Pages are so repetitive that the fastest level comes within 10% of the best level's size, in a quarter of the time.
 */
const GZIP = { level: 1, chunkSize: 64 * 1024 };

/**
 * Sends a page chunk by chunk, each once the client has read the previous one, so that nothing is buffered for slow
 * clients. Resolves to whether the page was sent (otherwise the client is gone); never rejects.
 */
export async function sendPage(response: ServerResponse, page: SentPage, options: SendOptions): Promise<boolean> {
  limitSending(response, options.timeoutMs);
  response.writeHead(200, headersOf(page, options));
  if (options.head) {
    response.end();
    return false;
  }
  const { pipeline } = builtin('node:stream/promises');
  const pieces = builtin('node:stream').Readable.from(page.chunks);
  try {
    // Compression runs on the thread pool.
    await (options.gzip
      ? pipeline(pieces, builtin('node:zlib').createGzip(GZIP), response)
      : pipeline(pieces, response));
    return true;
  } catch {
    // The client left or was disconnected; `pipeline` has closed the connection.
    return false;
  }
}

function headersOf(page: SentPage, { gzip }: SendOptions): OutgoingHttpHeaders {
  return {
    ...COMMON_HEADERS,
    'Content-Type': page.contentType,
    Vary: 'Accept, Accept-Encoding',
    // The length of a compressed page is only known at the end.
    ...(gzip ? { 'Content-Encoding': 'gzip' } : { 'Content-Length': page.length }),
  };
}

/**
 * The downloads in progress, up to a limit. Each holds one page in memory. Beyond the limit, the oldest download whose
 * client keeps the server waiting is cut off; clients that keep up are about to finish.
 */
export class ActiveDownloads {
  private readonly active = new Set<ServerResponse>();

  constructor(private readonly limit: number) {}

  /** Sends a page; until then, it counts as a download. */
  async run(response: ServerResponse, send: () => Promise<void>): Promise<void> {
    if (this.active.size >= this.limit) this.cutOffStalled();
    this.active.add(response);
    try {
      await send();
    } finally {
      this.active.delete(response);
    }
  }

  private cutOffStalled(): void {
    for (const response of this.active) {
      if (!response.writableNeedDrain) continue;
      this.active.delete(response);
      cutOff(response);
      return;
    }
  }
}

/** Compresses bytes on the thread pool. */
export function gzipped(bytes: Uint8Array, options: ZlibOptions = {}): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    builtin('node:zlib').gzip(bytes, options, (error, compressed) => (error ? reject(error) : resolve(compressed)));
  });
}
