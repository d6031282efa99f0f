import { afterEach, expect, test } from '@jest/globals';
import { PushError, Pushgateway, Registry } from 'promark';
import { type FakeGateway, fakeGateway, type Reply } from './fake-gateway.js';

let fake: FakeGateway | undefined;

afterEach(async () => {
  await fake?.close();
  fake = undefined;
});

const group = { jobName: 'nightly' };

const busy =
  (status: number, headers: Record<string, string>): Reply =>
  (response) =>
    response.writeHead(status, headers).end('busy');

const now = 'Thu, 26 Nov 2026 09:00:00 GMT';

test.each<[string, number, Record<string, string>]>([
  ['Retry-After in seconds', 503, { 'Retry-After': '0' }],
  ['Retry-After in seconds on a 429', 429, { 'Retry-After': '0' }],
  ['a 429 without Retry-After', 429, {}],
  ['Retry-After with a past date', 503, { 'Retry-After': now, Date: now }],
  [
    'Retry-After with a date from a wrong clock',
    503,
    { 'Retry-After': 'Thu, 26 Nov 2099 09:00:00 GMT', Date: 'Thu, 26 Nov 2099 09:00:00 GMT' },
  ],
  ['an invalid Retry-After', 503, { 'Retry-After': 'soon' }],
])('a push to a busy gateway is retried after %s', async (_what, status, headers) => {
  fake = await fakeGateway(busy(status, headers), 200);
  await new Pushgateway(fake.url, { retryDelayMs: 1 }, new Registry()).push(group);
  expect(fake.received).toHaveLength(2);
});

test.each<[string, Record<string, string>, number]>([
  ['seconds', { 'Retry-After': '3600' }, 3_600_000],
  ['a date', { 'Retry-After': 'Thu, 26 Nov 2026 10:00:00 GMT', Date: now }, 3_600_000],
])('a push fails at once if Retry-After is too far off, given as %s', async (_what, headers, retryAfterMs) => {
  fake = await fakeGateway(busy(503, headers), 200);
  const error: unknown = await new Pushgateway(fake.url, {}, new Registry()).push(group).catch((reason) => reason);
  expect(error).toBeInstanceOf(PushError);
  expect(error).toMatchObject({ status: 503, retryAfterMs });
  expect(fake.received).toHaveLength(1);
});

test('the last push does not wait longer than its total time limit', async () => {
  fake = await fakeGateway(busy(503, { 'Retry-After': '20' }), 200);
  const loop = new Pushgateway(fake.url, {}, new Registry()).pushEvery(1_000_000, group);
  await expect(loop.stop()).rejects.toMatchObject({ status: 503, retryAfterMs: 20_000 });
  expect(fake.received).toHaveLength(1);
});

test.each([
  ['silent', 'hang' as const, /^The last push to .* did not end within 100 ms\.$/],
  ['down for now', 503, /push failed with status 503|did not end/],
])('the last push to a gateway that is %s has one time limit for all its attempts', async (_what, reply, message) => {
  fake = await fakeGateway(reply);
  const gateway = new Pushgateway(fake.url, { timeout: 60_000, retries: 1000, retryDelayMs: 40 }, new Registry());
  const loop = gateway.pushEvery(1_000_000, { ...group, lastPushTimeoutMs: 100 });
  await expect(loop.stop()).rejects.toThrow(message);
});

test('a push in flight that hangs leaves half of the time for the last one', async () => {
  fake = await fakeGateway('hang', 200);
  const gateway = new Pushgateway(fake.url, { timeout: 60_000 }, new Registry({ logger: { warn() {} } }));
  const loop = gateway.pushEvery(1, { ...group, lastPushTimeoutMs: 6000 });
  await fake.untilReceived(1);
  await loop.stop();
  expect(fake.received).toHaveLength(2);
});

test.each([
  ['as an upgrade', { Connection: 'Upgrade', Upgrade: 'websocket' }],
  ['bare', {}],
])('a gateway that answers 101 is refused at once: %s', async (_what, headers) => {
  fake = await fakeGateway((response) => {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    response.socket?.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`);
  });
  const gateway = new Pushgateway(fake.url, { timeout: 60_000 }, new Registry());
  const error: unknown = await gateway.push(group).catch((reason) => reason);
  expect(error).toMatchObject({ name: 'PushError', status: 101 });
  expect(fake.received).toHaveLength(1);
});
