import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { READING } from './methods.js';

/** On every answer: no proxy keeps a page, and no browser takes label values for HTML. */
export const COMMON_HEADERS: OutgoingHttpHeaders = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };

/** Whether somebody else has answered, or nobody is there any more. */
export function isOver(response: ServerResponse): boolean {
  return response.headersSent || response.destroyed;
}

/** Answers with a line of text and, for HEAD, with its headers only. */
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

/** Answers a method that is not among those allowed. What else the client has to say is not waited for. */
export function refuseMethod(request: Versioned, response: ServerResponse, allowed = READING): void {
  const text = `Only ${allowed.join(' and ')} ${allowed.length === 1 ? 'is' : 'are'} allowed here.`;
  answerShortly(response, 405, text, { Allow: allowed.join(', '), ...ending(request) });
}

/** Answers who asks for the methods that are allowed. */
export function answerOptions(response: ServerResponse, allowed: readonly string[]): void {
  response.writeHead(204, { ...COMMON_HEADERS, Allow: allowed.join(', ') });
  response.end();
}

/** Answers who may not have the page. What else they have to say is not waited for. */
export function refuseStranger(request: Versioned, response: ServerResponse, challenge: string): void {
  const headers = { 'WWW-Authenticate': challenge, ...ending(request) };
  answerShortly(response, 401, 'The metrics are not for everybody.', headers);
}

/** Whether a request only reads. */
export function isRead({ method }: { method?: string | undefined }): boolean {
  return method === 'GET' || method === 'HEAD';
}

interface Versioned {
  readonly httpVersionMajor: number;
}

/** Ends the connection with the answer. HTTP/2 has no such header. */
function ending({ httpVersionMajor }: Versioned): OutgoingHttpHeaders {
  return httpVersionMajor < 2 ? { Connection: 'close' } : {};
}
