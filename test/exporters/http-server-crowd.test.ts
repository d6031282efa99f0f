import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Counter, parseText, Registry } from 'promark';
import { ask, open } from '../support/http-client.js';
import { BATCH, crowdSize, MAX_CONNECTIONS } from './crowd.js';
import { closeAll, start } from './servers.js';

const crowd: Socket[] = [];

afterEach(async () => {
  for (const socket of crowd.splice(0)) socket.destroy();
  await closeAll();
});

/** What the clients do: nothing, stop within their headers, never send their body, or stay after a scrape. */
const OPENINGS = [
  '',
  'GET /metrics HTTP/1.1\r\nHost: x\r\nX-Slow: ',
  'POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc',
  'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n',
];

describe('a server with the default limits', () => {
  test('answers scrapes among thousands of idle and stalled clients', async () => {
    const registry = new Registry();
    const scrapes = new Counter({ name: 'scrapes_total', help: 'Scrapes so far', registers: [registry] });
    const server = await start({ registry, thread: true });
    const size = crowdSize();
    const sentAway: Promise<unknown>[] = [];
    while (crowd.length < size) {
      const batch = await Promise.all(Array.from({ length: BATCH }, () => open(server.port)));
      for (const socket of batch) {
        socket.resume().write(OPENINGS[crowd.length % OPENINGS.length]);
        // Those that have been idle the longest make room for others; the last may do so in any order.
        if (crowd.length < size - 2 * MAX_CONNECTIONS) sentAway.push(once(socket, 'close'));
        crowd.push(socket);
      }
      scrapes.inc();
      const page = await ask(server.url);
      expect(page.status).toBe(200);
      const [family] = parseText(page.body.toString());
      expect(family?.samples).toEqual([expect.objectContaining({ value: crowd.length / BATCH })]);
    }
    await Promise.all(sentAway);
  });
});
