import { once } from 'node:events';
import { type IncomingHttpHeaders, request as plainRequest } from 'node:http';
import { type RequestOptions, request as secureRequest } from 'node:https';
import { connect, type Socket } from 'node:net';

/** A raw response. */
export interface Answer {
  status: number | undefined;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** Sends a request without the conveniences of `fetch`, which decompresses, adds headers and pools connections. */
export async function ask(url: string, options: RequestOptions = {}): Promise<Answer> {
  const request = url.startsWith('https:') ? secureRequest : plainRequest;
  const sent = request(url, { agent: false, ...options }).end();
  const [response] = await once(sent, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
}

/** A connection for sending arbitrary bytes. */
export async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' });
  await once(socket, 'connect');
  // Some tests expect to be disconnected.
  socket.on('error', () => {});
  return socket;
}

/** Resolves with everything that a server sends on a connection before ending it. */
export async function read(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket) text += chunk;
  return text;
}

/** Sends bytes on a new connection and resolves with everything that comes back. */
export async function exchange(port: number, bytes: string): Promise<string> {
  const socket = await open(port);
  socket.write(bytes);
  return read(socket);
}

/** A promise with its resolve function. */
export function deferred<T = void>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
