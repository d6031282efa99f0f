import type { Server } from 'node:net';
import { Logger } from '@nestjs/common';

/** Logs where a page is, as one line at the app's start. */
export function logPage(what: string, url: string): void {
  new Logger('PrometheusModule').log(`${what} at ${url}`);
}

/** Logs where an app's own pages are, as soon as its server listens. */
export function logPagesOf(server: Server | undefined, what: string, paths: readonly string[]): void {
  if (typeof server?.once !== 'function') return;
  server.once('listening', () => {
    const at = server.address();
    // A server on a socket of the file system has no URL.
    if (typeof at !== 'object' || at === null) return;
    const scheme = 'setSecureContext' in server ? 'https' : 'http';
    for (const path of paths) logPage(what, `${scheme}://${hostOf(at)}:${at.port}${path}`);
  });
}

function hostOf({ address, family }: { readonly address: string; readonly family: string }): string {
  if (address === '::' || address === '0.0.0.0') return 'localhost';
  return family === 'IPv6' ? `[${address}]` : address;
}
