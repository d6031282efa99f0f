import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { PushError, Pushgateway, Registry } from 'promark';
import { fakeGateway } from './fake-gateway.js';
import { selfSigned } from './self-signed.js';

let server: Server;
let url: string;
let connections: number;

beforeEach(async () => {
  connections = 0;
  server = createServer(selfSigned, (_request, response) => response.end('thanks'));
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `https://localhost:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
});

const group = { jobName: 'nightly' };

test('a gateway with TLS is trusted by the given certificate', async () => {
  const gateway = new Pushgateway(url, { ca: selfSigned.cert, family: 4 }, new Registry());
  expect((await gateway.push(group)).body).toBe('thanks');
});

test('a gateway that is not trusted is reported at once, without retries', async () => {
  const gateway = new Pushgateway(url, { retryDelayMs: 1, family: 4 }, new Registry());
  const error = await gateway.push(group).catch((reason) => reason);
  expect(error).toBeInstanceOf(PushError);
  expect(error.message).toMatch(/failed: self-signed certificate\.$/);
  expect(connections).toBe(1);
});

test('a gateway without TLS is reported with advice', async () => {
  const plain = await fakeGateway();
  const gateway = new Pushgateway(plain.url.replace('http:', 'https:'), { retryDelayMs: 1 }, new Registry());
  const error = await gateway.push(group).catch((reason) => reason);
  await plain.close();
  expect(error.message).toMatch(/wrong version number.*\. It may not speak TLS: correct the URL\.$/s);
});
