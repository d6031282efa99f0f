import { createServer, request } from 'node:http';
import { listenOnLoopback } from '../support/servers.js';

/** A loopback proxy in front of one page. */
export interface AcceptProxy {
  /** The URL of the page through the proxy. */
  readonly url: string;
  /** The `Content-Type` of every answer that has passed. */
  readonly contentTypes: readonly string[];
  close(): Promise<void>;
}

/**
 * Passes scrapes on to a page with another `Accept` header: Prometheus 2.42 cannot be told which format to ask for, and
 * newer ones ask for what it does not.
 */
export async function acceptProxy(page: string, accept: string): Promise<AcceptProxy> {
  const contentTypes: string[] = [];
  const { pathname } = new URL(page);
  const server = createServer((incoming, outgoing) => {
    const { 'x-prometheus-scrape-timeout-seconds': timeout, 'accept-encoding': encoding } = incoming.headers;
    const headers = { accept, ...(encoding && { 'accept-encoding': encoding }), ...(timeout && { timeout }) };
    const passed = request(page, { headers, agent: false }, (answer) => {
      contentTypes.push(String(answer.headers['content-type']));
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    passed.on('error', (error) => outgoing.destroy(error));
    passed.end();
  });
  const { url, close } = await listenOnLoopback(server);
  return {
    url: url + pathname,
    contentTypes,
    close,
  };
}
