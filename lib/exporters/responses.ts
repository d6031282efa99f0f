import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** Sent with every response: proxies must not store pages, and browsers must not interpret label values as HTML. */
export const COMMON_HEADERS = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };

/** The body of the response when rendering fails. */
export const RENDER_FAILED = 'The page could not be rendered. See the log of this process.';

/** The body for a client without credentials. */
export const UNAUTHORIZED = 'Credentials required.';

/** Whether the response has already been sent, or its client has disconnected. */
export function isOver(response: ServerResponse): boolean {
  // A broken connection is destroyed before its response is. Mock responses may have no request.
  return response.headersSent || response.destroyed || response.req?.socket?.destroyed === true;
}

/** Sends a response of one line; a HEAD request gets only the headers. */
export function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  headers: OutgoingHttpHeaders = {},
): void {
  if (isOver(response)) return;
  const body = Buffer.from(text.endsWith('\n') ? text : `${text}\n`);
  response.writeHead(status, {
    ...COMMON_HEADERS,
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': body.length,
    ...headers,
  });
  response.end(body);
}

/** Sends a page with a link to the metrics, for visitors with a browser. */
export function sendLandingPage(response: ServerResponse, path: string): void {
  const href = path.replaceAll('&', '&amp;').replaceAll("'", '&#39;');
  sendText(response, 200, `<!doctype html><title>Metrics</title><a href='${href}'>Metrics</a>`, {
    'Content-Type': 'text/html; charset=utf-8',
  });
}

/** Responds to OPTIONS with the allowed methods. */
export function sendOptions(response: ServerResponse, allowed: readonly string[]): void {
  response.writeHead(204, { ...COMMON_HEADERS, Allow: allowed.join(', ') });
  response.end();
}

/** Responds with 405, and closes the connection instead of waiting for the request's body. */
export function rejectMethod(request: Versioned, response: ServerResponse, allowed: readonly string[]): void {
  const text = `Only ${allowed.join(' and ')} ${allowed.length === 1 ? 'is' : 'are'} allowed here.`;
  sendText(response, 405, text, { Allow: allowed.join(', '), ...closing(request) });
}

/** Responds with 401, and closes the connection. */
export function rejectUnauthorized(request: Versioned, response: ServerResponse, challenge: string): void {
  const headers = { 'WWW-Authenticate': challenge, ...closing(request) };
  sendText(response, 401, UNAUTHORIZED, headers);
}

interface Versioned {
  readonly httpVersionMajor: number;
}

/** Returns the header that closes the connection after the response. HTTP/2 has none. */
function closing({ httpVersionMajor }: Versioned): OutgoingHttpHeaders {
  return httpVersionMajor < 2 ? { Connection: 'close' } : {};
}
