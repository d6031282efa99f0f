import type { Socket } from 'node:net';
import type { Measured } from '../model/excluded.js';
import type { ServerReply, ServerRequest } from './messages.js';

/** The responses that wait for their turn on a connection. */
const queues = new WeakMap<Socket, Set<Measured>>();

/**
 * Whether a request came in behind others that are not answered yet, so that its response has no connection so far. Node
 * does not tell such a response when the connection breaks.
 */
export function isQueued(request: ServerRequest, reply: ServerReply): boolean {
  // HTTP/2 has no queue, and its responses make a socket when they are asked for one. Imitations may have none at all.
  return request.httpVersionMajor < 2 && reply.socket === null && Boolean(request.socket);
}

/** Calls `gone` on a queued response if its connection breaks before its turn has come. */
export function watchQueued({ socket }: ServerRequest, reply: ServerReply, gone: (this: Measured) => void): void {
  let queue = queues.get(socket);
  if (queue === undefined) {
    queue = new Set();
    queues.set(socket, queue);
    // One listener for all: a client may send as many requests in a row as it likes.
    socket.once('close', callEach.bind(queue, gone));
  }
  const waiting = queue.add(reply as Measured);
  reply.once('socket', () => void waiting.delete(reply as Measured));
}

function callEach(this: ReadonlySet<Measured>, gone: (this: Measured) => void): void {
  for (const reply of this) gone.call(reply);
}
