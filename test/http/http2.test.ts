import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  createServer,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { afterEach, expect, test } from '@jest/globals';
import { HttpRecorder, Registry } from 'promark';
import { listenOnLoopback } from '../support/servers.js';
import { recorded, valuesOf } from './recorded.js';

const closing: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Answer = (response: Http2ServerResponse, request: Http2ServerRequest) => void;
/** What the client does when the response has begun. */
type During = (stream: ClientHttp2Stream, session: ClientHttp2Session) => void;

/** The outcome of a request over HTTP/2 for its client, and what was recorded of it. */
async function outcome(
  answer: Answer,
  {
    headers = {},
    body,
    during = wait,
  }: {
    headers?: OutgoingHttpHeaders;
    body?: string;
    during?: During;
  } = {},
) {
  const registry = new Registry();
  const recorder = new HttpRecorder({ registry, requestSize: true, responseSize: true });
  const server = createServer((request, response) => {
    recorder.begin(request, response, '/');
    response.stream.on('error', () => {});
    answer(response, request);
  });
  const client = await connected(server);
  const stream = client.request(headers, { endStream: body === undefined });
  stream.on('error', () => {});
  if (body !== undefined) stream.end(body);
  stream.once('response', () => during(stream, client));
  stream.resume();
  await new Promise<void>((resolve) => void stream.once('close', () => resolve()));
  const counts = await recorded(registry, 1);
  const sent = await valuesOf(registry, 'http_response_size_bytes', '_sum');
  const received = await valuesOf(registry, 'http_request_size_bytes', '_sum');
  expect(Object.values(await valuesOf(registry, 'http_requests_in_progress'))).toEqual([0]);
  return { requests: Object.keys(counts), sent: Object.values(sent)[0], received: Object.values(received)[0] };
}

async function connected(server: Http2Server): Promise<ClientHttp2Session> {
  server.on('session', (session) => session.on('error', () => {}));
  const { url, close } = await listenOnLoopback(server);
  closing.push(close);
  const client = connect(url);
  client.on('error', () => {});
  closing.push(() => client.destroy());
  return client;
}

const big = Buffer.alloc(20_000_000);

test('a response is counted with its status and its bytes', async () => {
  const posted = { headers: { ':method': 'POST' }, body: 'hello' };
  const answer: Answer = (response, request) =>
    void request.resume().on('end', () => response.writeHead(201).end('äx'));
  expect(await outcome(answer, posted)).toEqual({ requests: ['POST / 201'], received: 5, sent: 3 });
});

test('HEAD is counted, without a body', async () => {
  const outcomeOfHead = await outcome((response) => void response.end(), { headers: { ':method': 'HEAD' } });
  expect(outcomeOfHead).toEqual({ requests: ['HEAD / 200'], received: 0, sent: 0 });
});

test.each<[string, string, Answer, During]>([
  ['200', 'a large one', (response) => void response.end(big), wait],
  ['499', 'one that the client cancels', (response) => void response.write('a'), cancel],
  ['499', 'one that the client closes', (response) => void response.write('a'), (stream) => stream.close()],
  ['499', 'one whose end the client does not wait for', (response) => void response.end(big), cancel],
  ['499', 'one whose session breaks', (response) => void response.write('a'), (_, session) => session.destroy()],
  ['500', 'one that fails', (response) => void response.stream.destroy(new Error('no')), wait],
  ['500', 'one that fails halfway', (response) => failLater(response, new Error('no')), wait],
  ['500', 'one that is destroyed without an error', (response) => failLater(response), wait],
  ['500', 'one that is reset', (response) => response.stream.close(constants.NGHTTP2_INTERNAL_ERROR), wait],
])('%s is the status of a response: %s', async (status, _, answer, during) => {
  expect((await outcome(answer, { during })).requests).toEqual([`GET / ${status}`]);
});

test.each<[string, Answer, During]>([
  ['the client', (response) => void response.write('data: 1\n\n'), cancel],
  ['the server', (response) => failLater(response), wait],
])('the status of an event stream is kept when %s ends it', async (_, answer, during) => {
  const stream: Answer = (response, request) => {
    response.setHeader('content-type', 'text/event-stream');
    answer(response, request);
  };
  expect((await outcome(stream, { during })).requests).toEqual(['GET / 200']);
});

function wait(): void {}

function cancel(stream: ClientHttp2Stream): void {
  stream.close(constants.NGHTTP2_CANCEL);
}

function failLater(response: Http2ServerResponse, error?: Error): void {
  response.write('beginning', () => response.stream.destroy(error));
}
