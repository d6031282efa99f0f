import { createServer } from 'node:https';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { PushError, Pushgateway, Registry } from 'promark';
import { type LoopbackServer, listenOnLoopback } from '../../support/servers.js';
import { fakeGateway } from './fake-gateway.js';
import { selfSigned } from './self-signed.js';

let loopback: LoopbackServer;
let url: string;
let connections: number;

beforeEach(async () => {
  connections = 0;
  const server = createServer(selfSigned, (_request, response) => response.end('thanks'));
  server.on('connection', () => {
    connections += 1;
  });
  loopback = await listenOnLoopback(server, 'https');
  // The name in the certificate.
  url = `https://localhost:${loopback.port}`;
});

afterEach(() => loopback.close());

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
  expect(error.message).toMatch(/wrong version number.*\. The server may not speak TLS: correct the URL\.$/s);
});
