import { once } from 'node:events';
import { request } from 'node:http';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ask } from '../support/http-client.js';
import { until } from '../support/until.js';
import { type Measured, recorded, valuesOf } from './recorded.js';

/** A running program whose requests are measured, with the routes that the rules ask for. */
export interface MeasuredApp extends Measured {
  readonly url: string;
  /** Ends the body of `/stream`. */
  end(): unknown;
  /** Lets the body of `/stream` fail. */
  fail(): unknown;
  close?(): Promise<unknown>;
}

/** The rules for measured requests, which hold in every framework and runtime. */
export function testRules(start: () => Promise<MeasuredApp>): void {
  let app: MeasuredApp;

  beforeEach(async () => {
    app = await start();
  });

  afterEach(() => app.close?.());

  /** Requests a path and waits for the beginning of the body. */
  async function begin(path: string) {
    const sent = request(app.url + path, { agent: false }).end();
    const [response] = await once(sent, 'response');
    // Some servers reset the connection to break off a body.
    for (const emitter of [sent, response]) emitter.on('error', () => {});
    await once(response, 'data');
    return response;
  }

  test('are counted by method, route template and status', async () => {
    for (const path of ['/orders/1', '/orders/2?x=1', '/none', '/closed/x', '/fails/1', '/scrape'])
      await ask(app.url + path);
    await ask(`${app.url}/orders/1`, { method: 'HEAD' });
    await ask(`${app.url}/orders/1`, { method: 'DELETE' });
    const counts = await recorded(app, 7);
    const refused = Object.keys(counts).filter((key) => key.startsWith('DELETE'));
    expect(refused).toEqual([expect.stringMatching(/^DELETE unmatched 40[45]$/)]);
    expect(counts).toEqual({
      'GET /orders/:id 200': 2,
      'HEAD /orders/:id 200': 1,
      'GET unmatched 404': 1,
      'GET unmatched 401': 1,
      'GET /fails/:id 500': 1,
      [refused[0]]: 1,
    });
    expect(await valuesOf(app, 'http_requests_in_progress')).toMatchObject({ GET: 0, HEAD: 0, DELETE: 0 });
  });

  test('have the sizes of their bodies', async () => {
    await ask(`${app.url}/orders/1`);
    await ask(`${app.url}/orders/1`, { method: 'HEAD' });
    await recorded(app, 2);
    expect(await valuesOf(app, 'http_response_size_bytes', '_sum')).toEqual({
      'GET /orders/:id 200': 5,
      'HEAD /orders/:id 200': 0,
    });
  });

  test('are in progress until the body has been sent, and count once', async () => {
    const response = await begin('/stream');
    expect(await valuesOf(app, 'http_requests_in_progress')).toEqual({ GET: 1 });
    const ended = once(response, 'end');
    await app.end();
    await ended;
    expect(await recorded(app, 1)).toEqual({ 'GET /stream 200': 1 });
    expect(await valuesOf(app, 'http_requests_in_progress')).toEqual({ GET: 0 });
  });

  test('count as 499 if the client leaves', async () => {
    const leaving = await begin('/stream');
    leaving.destroy();
    expect(await recorded(app, 1)).toEqual({ 'GET /stream 499': 1 });
  });

  test('count as 500 if the body fails', async () => {
    const response = await begin('/stream');
    await app.fail();
    if (!response.closed) await new Promise((resolve) => response.once('close', resolve));
    expect(await recorded(app, 1)).toEqual({ 'GET /stream 500': 1 });
  });

  test('keep the status of an event stream, which has no defined end', async () => {
    const response = await begin('/events');
    response.destroy();
    await until('the end of the request', async () => Object.keys(await recorded(app, 1)).length === 1);
    expect(await recorded(app, 1)).toEqual({ 'GET /events 200': 1 });
  });
}
