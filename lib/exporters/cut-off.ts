import type { ServerResponse } from 'node:http';

/**
 * Ends the connection of a client that does not read. A reset frees at once what the kernel holds for it, some
 * megabytes a client; an orderly end would wait for it to read that. HTTP/2 loses the stream only.
 */
export function cutOff(response: ServerResponse): void {
  try {
    if (response.req.httpVersionMajor < 2) response.socket?.resetAndDestroy();
  } catch {
    // An encrypted connection cannot be reset.
  }
  response.destroy();
}
