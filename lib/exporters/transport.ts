import type { ServerResponse } from 'node:http';
import { Socket } from 'node:net';

/**
 * The TCP connection beneath a TLS socket; any other socket is returned as it is. A server sees the TCP connection
 * first, and requests arrive on the TLS socket. Only the TCP connection can be reset.
 *
 * Node has no public way to it. Where a runtime has none at all, the TLS socket has to do.
 */
export function transportOf(socket: Socket): Socket {
  const { _parent: lower } = socket as { readonly _parent?: unknown };
  return lower instanceof Socket ? lower : socket;
}

/** Resets a TCP connection at once: Node's own method waits until the client has taken what is written. */
export function reset(connection: Socket): void {
  connection.resetAndDestroy();
  connection.destroy();
}

/**
 * Closes the connection of a client that does not read. A reset frees at once what the kernel buffers for it, several
 * megabytes a client; an orderly end would wait until the client has read that. HTTP/2 loses only the stream.
 */
export function cutOff(response: ServerResponse): void {
  try {
    const { req } = response;
    if (req.httpVersionMajor < 2) reset(transportOf(req.socket));
  } catch {
    // Such as a pipe, which cannot be reset.
  }
  response.destroy();
}

/** Cuts off a client that has not taken the answer after so many milliseconds. To be called when it is sent. */
export function limitSending(response: ServerResponse, timeoutMs: number): void {
  const timer = setTimeout(cutOff, timeoutMs, response).unref();
  response.once('close', () => clearTimeout(timer));
}
