import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { cutOff } from './transport.js';

// Node bounds what answers take that wait to be sent, but not how many requests wait for one: a client that pipelines
// requests and never reads would fill the heap. Nor can a socket be paused in time, for what was read at once is parsed at
// once, some 1 800 requests.

/** The most unanswered requests of one connection. */
const MOST = 100;

/** The same while many connections have unanswered requests. */
const MOST_IN_A_CROWD = 8;

/** As many unanswered requests in all are a crowd. */
const CROWD = 1000;

const unanswered = new WeakMap<Socket, number>();
const admitted = new WeakSet<ServerResponse>();
let total = 0;

/**
 * Counts a request until it is answered, and cuts off its connection where that has too many. Counting a request twice
 * has no effect.
 *
 * @returns Whether the request is to be answered.
 */
export function admitRequest({ httpVersionMajor, socket }: IncomingMessage, response: ServerResponse): boolean {
  if (admitted.has(response) || httpVersionMajor > 1) return true;
  if (socket.destroyed) return false;
  const before = unanswered.get(socket);
  const count = (before ?? 0) + 1;
  if (count > (total < CROWD ? MOST : MOST_IN_A_CROWD)) {
    cutOff(response);
    stopParsing(socket);
    return false;
  }
  if (before === undefined) socket.once('close', () => forget(socket));
  admitted.add(response);
  unanswered.set(socket, count);
  total += 1;
  response.once('close', () => {
    const left = unanswered.get(socket);
    if (left === undefined) return;
    unanswered.set(socket, left - 1);
    total -= 1;
  });
  return true;
}

/** Responses that wait behind others are not closed with their connection. */
function forget(socket: Socket): void {
  total -= unanswered.get(socket) ?? 0;
  unanswered.delete(socket);
}

/**
 * Keeps Node from making requests of the rest of what it has read from a connection that is cut off. The parser asks
 * `onIncoming` how to go on; 2 means that what follows is not HTTP. Without a parser of that kind, it makes them in vain.
 */
function stopParsing(socket: Socket): void {
  const { parser } = socket as { readonly parser?: { onIncoming?: unknown } | null };
  if (typeof parser?.onIncoming === 'function') parser.onIncoming = () => 2;
}

/**
 * Waits until earlier requests on the same connection are answered, so that a client that sends many at once has one
 * answer made at a time.
 */
export async function turnOf(response: ServerResponse): Promise<void> {
  if (response.socket !== null || response.destroyed) return;
  await new Promise((resolve) => response.once('socket', resolve));
}
