import type { ServerResponse } from 'node:http';
import { transportOf } from './transport.js';

/**
 * Ends the connection of a client that does not read. A reset frees at once what the kernel holds for it, some
 * megabytes a client; an orderly end would wait for it to read that. HTTP/2 loses the stream only.
 */
export function cutOff(response: ServerResponse): void {
  try {
    const { req, socket } = response;
    if (req.httpVersionMajor < 2 && socket !== null) transportOf(socket).resetAndDestroy();
  } catch {
    // Such as a pipe, which cannot be reset.
  }
  response.destroy();
}
