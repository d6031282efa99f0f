import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { listenOnLoopback } from '../../support/servers.js';

/** A request as received. */
export interface Received {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  /** The body, decompressed if it was gzipped. */
  readonly body: string;
}

/** How a request is answered: with a status and perhaps a body, by a listener, or never. */
export type Reply = number | [status: number, text: string] | ((response: ServerResponse) => unknown) | 'hang';

/** A stand-in for a gateway, with faults on demand. */
export interface FakeGateway {
  readonly url: string;
  readonly received: Received[];
  /** Resolves when this many requests have arrived. */
  untilReceived(count: number): Promise<void>;
  close(): Promise<void>;
}

/** Starts a gateway that sends these replies in order, and then repeats the last one. */
export async function fakeGateway(...replies: Reply[]): Promise<FakeGateway> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    received.push(await readRequest(request));
    const reply = replies.length > 1 ? replies.shift() : replies[0];
    server.emit('received');
    give(response, reply ?? 200);
  });
  const { url, close } = await listenOnLoopback(server);
  return {
    url,
    received,
    async untilReceived(count) {
      while (received.length < count) await once(server, 'received');
    },
    close,
  };
}

async function readRequest(request: IncomingMessage): Promise<Received> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  const { method, url: path, headers } = request;
  const bytes = Buffer.concat(pieces);
  const body = (headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString();
  return { method, path, headers, body };
}

function give(response: ServerResponse, reply: Reply): void {
  if (reply === 'hang') return;
  if (typeof reply === 'function') {
    reply(response);
    return;
  }
  const [status, text] = typeof reply === 'number' ? [reply, ''] : reply;
  response.writeHead(status).end(text);
}
