import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { builtin } from '../model/load-at-runtime.js';

/**
 * Returns the TCP connection underneath a TLS socket; any other socket is returned as is. A server sees the TCP
 * connection first, and requests arrive on the TLS socket. Only the TCP connection can be reset.
 *
 * Node has no public API for this. If the connection cannot be found, the TLS socket is returned.
 */
export function transportOf(socket: Socket): Socket {
  const { _parent: lower } = socket as { readonly _parent?: unknown };
  return lower instanceof builtin('node:net').Socket ? lower : socket;
}

/** Resets a TCP connection immediately. Node's own method would first wait until the client has read everything. */
export function reset(connection: Socket): void {
  connection.resetAndDestroy();
  connection.destroy();
}

/**
 * Closes the connection of a client that does not read. A reset immediately frees what the kernel buffers for it,
 * several megabytes per client; an orderly close would wait until the client has read that. With HTTP/2, only the
 * stream is closed.
 */
export function cutOff(response: ServerResponse): void {
  try {
    const { req } = response;
    if (req.httpVersionMajor < 2) reset(transportOf(req.socket));
  } catch {
    // For example a pipe, which cannot be reset.
  }
  response.destroy();
}

/** Cuts off a client that has not read the response after this many milliseconds. Call it when sending starts. */
export function limitSending(response: ServerResponse, timeoutMs: number): void {
  const timer = setTimeout(cutOff, timeoutMs, response).unref();
  response.once('close', () => clearTimeout(timer));
}
