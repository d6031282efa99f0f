import { once } from 'node:events';
import { connect } from 'node:net';

/**
 * Requests an address repeatedly for some time, over several keep-alive connections with one request at a time each.
 * Returns the number of requests answered, the seconds this took, and the milliseconds of each request. It speaks only
 * minimal HTTP, so that the time is spent in the server, not in the client.
 */
export async function load(url, { connections, seconds }) {
  const { hostname, port, pathname } = new URL(url);
  const request = Buffer.from(`GET ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`);
  const sockets = await Promise.all(Array.from({ length: connections }, () => connected(hostname, Number(port))));
  const times = [];
  const start = performance.now();
  const until = start + seconds * 1000;
  await Promise.all(sockets.map((socket) => askUntil(until, socket, request, times)));
  const took = (performance.now() - start) / 1000;
  for (const socket of sockets) socket.destroy();
  return { requests: times.length, seconds: took, times };
}

async function connected(host, port) {
  const socket = connect({ host, port, noDelay: true });
  await once(socket, 'connect');
  return socket;
}

function askUntil(until, socket, request, times) {
  return new Promise((done, fail) => {
    let sent = performance.now();
    const settle = (error) => {
      socket.off('data', take).off('error', settle).off('close', gone);
      if (error) fail(error);
      else done();
    };
    const gone = () => settle(new Error('bench: the server closed a connection'));
    const take = (chunk) => {
      // Small responses arrive in one piece; one that does not would distort the numbers.
      const wrong = faultOf(chunk);
      if (wrong !== undefined) return settle(new Error(`bench: ${wrong}: ${chunk.toString('latin1')}`));
      const now = performance.now();
      times.push(now - sent);
      if (now >= until) return settle();
      sent = now;
      socket.write(request);
    };
    socket.on('data', take).on('error', settle).on('close', gone);
    socket.write(request);
  });
}

const OK = Buffer.from('HTTP/1.1 200 OK\r\n');
/** The length of a complete response, once one was parsed in full. */
let known = 0;

function faultOf(chunk) {
  if (OK.compare(chunk, 0, OK.length) !== 0) return 'not answered with 200';
  if (chunk.length === known) return undefined;
  const [head, body] = chunk.toString('latin1').split('\r\n\r\n');
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  if (Number(length) !== body?.length) return 'a response in pieces';
  known = chunk.length;
  return undefined;
}
