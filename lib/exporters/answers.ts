import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** Sent with every response: proxies must not store pages, and browsers must not interpret label values as HTML. */
export const COMMON_HEADERS = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };

/** The body of the response when rendering fails. */
export const RENDER_FAILED = 'The page could not be rendered. See the log of this process.';

/** The body for a client without credentials. */
export const UNAUTHORIZED = 'Credentials required.';

/** Whether the response has already been sent, or its client has disconnected. */
export function isOver(response: ServerResponse): boolean {
  // The connection is destroyed before its response. Mock responses may have no request.
  return response.headersSent || response.destroyed || response.req?.socket?.destroyed === true;
}

/** Answers with one line of text; a HEAD request gets only the headers. */
export function answerShortly(
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

/** Answers `/` with a link to the page, for visitors with a browser. */
export function answerLanding(response: ServerResponse, path: string): void {
  const href = path.replaceAll('&', '&amp;').replaceAll("'", '&#39;');
  answerShortly(response, 200, `<!doctype html><title>Metrics</title><a href='${href}'>Metrics</a>`, {
    'Content-Type': 'text/html; charset=utf-8',
  });
}

/** Answers OPTIONS with the allowed methods. */
export function answerOptions(response: ServerResponse, allowed: readonly string[]): void {
  response.writeHead(204, { ...COMMON_HEADERS, Allow: allowed.join(', ') });
  response.end();
}

/** Rejects a method that is not allowed, and closes the connection instead of waiting for the request's body. */
export function refuseMethod(request: Versioned, response: ServerResponse, allowed: readonly string[]): void {
  const text = `Only ${allowed.join(' and ')} ${allowed.length === 1 ? 'is' : 'are'} allowed here.`;
  answerShortly(response, 405, text, { Allow: allowed.join(', '), ...closing(request) });
}

/** Rejects a client without valid credentials, and closes the connection. */
export function refuseUnauthorized(request: Versioned, response: ServerResponse, challenge: string): void {
  const headers = { 'WWW-Authenticate': challenge, ...closing(request) };
  answerShortly(response, 401, UNAUTHORIZED, headers);
}

interface Versioned {
  readonly httpVersionMajor: number;
}

/** Returns the header that closes the connection after the response. HTTP/2 has none. */
function closing({ httpVersionMajor }: Versioned): OutgoingHttpHeaders {
  return httpVersionMajor < 2 ? { Connection: 'close' } : {};
}
