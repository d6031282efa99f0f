import { once } from 'node:events';
import { connect } from 'node:net';

/**
 * Asks for an address over and over for a time, on some kept connections with one request under way at a time each. Gives
 * how many requests were answered in how many seconds, and each one's milliseconds. It speaks HTTP with so few words that
 * the server, not the client, is what the time is spent on.
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
    const gone = () => settle(new Error('bench: the server has closed a connection'));
    const take = (chunk) => {
      // Small answers come in one piece; one that does not would make the numbers wrong.
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
/** Length of a whole answer once it was read in full. */
let known = 0;

function faultOf(chunk) {
  if (OK.compare(chunk, 0, OK.length) !== 0) return 'not answered with 200';
  if (chunk.length === known) return undefined;
  const [head, body] = chunk.toString('latin1').split('\r\n\r\n');
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  if (Number(length) !== body?.length) return 'an answer in pieces';
  known = chunk.length;
  return undefined;
}
