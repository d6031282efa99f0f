import type { Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { Counter, parseText, Registry } from 'promark';
import { ask, open } from '../../support/http-client.js';
import { BATCH, crowdSize, MAX_CONNECTIONS } from '../crowd.js';
import { closeAll, start } from '../servers.js';
import { authority, serverPair } from './certificates.js';
import { openSecurely } from './clients.js';

const crowd: Socket[] = [];

afterEach(async () => {
  for (const socket of crowd.splice(0)) socket.destroy();
  await closeAll();
});

/** Sends nothing, stops in the middle of the handshake, or stops after it within its headers. */
async function comeIn(port: number, number: number): Promise<Socket> {
  const socket = await (number % 50 === 0 ? openSecurely(port) : open(port));
  const half = number % 50 === 0 ? 'GET /metrics HTTP/1.1\r\nHost: x\r\nX-Slow: ' : '\x16\x03\x01\x02\x00\x01\x00';
  if (number % 2 === 0) socket.write(half);
  return socket.resume();
}

test('a server with the default limits answers scrapes among thousands of clients that do not finish their handshake', async () => {
  const registry = new Registry();
  const scrapes = new Counter({ name: 'scrapes_total', help: 'Scrapes so far', registers: [registry] });
  const server = await start({ registry, thread: true, tls: serverPair });
  const size = crowdSize();
  const sentAway: Promise<unknown>[] = [];
  while (crowd.length < size) {
    const batch = await Promise.all(Array.from({ length: BATCH }, (_, i) => comeIn(server.port, i)));
    for (const socket of batch) {
      // Those that have been idle the longest make room for others; the last may do so in any order.
      if (crowd.length < size - 2 * MAX_CONNECTIONS) {
        sentAway.push(new Promise((resolve) => (socket.closed ? resolve(0) : socket.once('close', resolve))));
      }
      crowd.push(socket);
    }
    scrapes.inc();
    const page = await ask(server.url, { ca: authority });
    const [family] = parseText(page.body.toString());
    expect(family?.samples).toEqual([expect.objectContaining({ value: crowd.length / BATCH })]);
  }
  await Promise.all(sentAway);
});
