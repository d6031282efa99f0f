import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { PushError, Pushgateway, type PushgatewayOptions, Registry } from 'promark';
import { type FakeGateway, fakeGateway, type Reply } from './fake-gateway.js';

let fake: FakeGateway | undefined;

afterEach(() => fake?.close());

const group = { jobName: 'nightly' };

async function to(options: PushgatewayOptions, ...replies: Reply[]): Promise<Pushgateway> {
  fake = await fakeGateway(...replies);
  return new Pushgateway(fake.url, { retryDelayMs: 1, ...options }, new Registry());
}

async function refused(push: Promise<unknown>): Promise<PushError> {
  const error = await push.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(PushError);
  return error;
}

/** A port of loopback where nobody listens. */
async function nobody(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}`;
}

describe('a refusal', () => {
  test('tells the status and what the gateway says, and is not tried again', async () => {
    const gateway = await to({}, [400, 'text format parsing error in line 1\n']);
    const error = await refused(gateway.push(group));
    expect(error.message).toBe(
      `PUT ${fake?.url}/metrics/job/nightly was answered 400: text format parsing error in line 1.`,
    );
    expect(error).toMatchObject({ status: 400, body: 'text format parsing error in line 1\n' });
    expect(fake?.received).toHaveLength(1);
  });

  test.each<[Reply, RegExp]>([
    [401, /was answered 401: nothing more\. Say who pushes with the option auth\.$/],
    [[404, 'not here!'], /not here! The URL has to be the one that the gateway is under/],
    [(response) => response.writeHead(302, { location: 'https://gate/' }).end(), /It points to https:\/\/gate\/;/],
  ])('tells the way out', async (reply, message) => {
    const gateway = await to({}, reply);
    expect((await refused(gateway.pushAdd(group))).message).toMatch(message);
    expect(fake?.received).toHaveLength(1);
  });

  test('shows no more than the beginning of a long answer, and no secrets', async () => {
    fake = await fakeGateway([400, 'x'.repeat(5000)]);
    const url = fake.url.replace('//', '//me:secret@');
    const { message, body } = await refused(new Pushgateway(`${url}/?key=secret`, new Registry()).push(group));
    expect(message).toMatch(/: x{1000}\.$/);
    expect(body).toHaveLength(5000);
    expect(message).not.toContain('secret');
  });

  test('does not read without end', async () => {
    const endless = (response: { write(text: string): boolean; on(event: string, more: () => void): unknown }) => {
      const more = () => {
        while (response.write('x'.repeat(65_536)));
      };
      response.on('drain', more);
      more();
    };
    const gateway = await to({}, endless as Reply);
    expect((await refused(gateway.push(group))).message).toMatch(/an answer of more than 1048576 characters/);
  });
});

describe('tried again', () => {
  test.each<[string, Reply]>([
    ['500', [500, 'disk full']],
    ['503', 503],
    ['a connection that breaks', (response) => response.destroy()],
    ['an answer that breaks', (response) => response.write('x', () => response.destroy())],
    ['no answer in time', 'hang'],
  ])('after %s', async (_what, reply) => {
    const gateway = await to({ timeout: 200 }, reply, reply, [200, 'thanks']);
    expect((await gateway.push(group)).body).toBe('thanks');
    expect(fake?.received).toHaveLength(3);
    expect(new Set(fake?.received.map(({ body }) => body)).size).toBe(1);
  });

  test('as often as is said, and then tells of the last fault', async () => {
    const gateway = await to({ retries: 2 }, 503, 503, [500, 'disk full'], 200);
    expect(await refused(gateway.push(group))).toMatchObject({ status: 500, body: 'disk full' });
    expect(fake?.received).toHaveLength(3);
  });

  test('not at all, if so wanted', async () => {
    const gateway = await to({ retries: 0 }, 500);
    await refused(gateway.push(group));
    expect(fake?.received).toHaveLength(1);
  });
});

describe('a gateway', () => {
  test('that is down is told as such', async () => {
    const gateway = new Pushgateway(await nobody(), { retries: 1, retryDelayMs: 1 });
    const error = await refused(gateway.push(group));
    expect(error.message).toMatch(/^PUT http:.*nightly failed: .*ECONNREFUSED.*Nothing listens there/);
    expect(error.status).toBeUndefined();
    expect(error.cause).toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('that hangs is given up after the time limit', async () => {
    const gateway = await to({ timeout: 50, retries: 0 }, 'hang');
    expect((await refused(gateway.push(group))).message).toMatch(/failed: no answer within 50 ms\.$/);
  });

  test('that stops in the middle of its answer is given up as well', async () => {
    const gateway = await to({ timeout: 50, retries: 0 }, (response) => void response.write('x'));
    expect((await refused(gateway.push(group))).message).toMatch(/no answer within 50 ms/);
  });

  test('whose header would be broken by an option is never reached', async () => {
    const gateway = await to({ auth: { token: 'a\nb' } }, 200);
    expect((await refused(gateway.push(group))).message).toMatch(/Invalid character in header content/);
    expect(fake?.received).toEqual([]);
  });
});

describe('aborting', () => {
  const reason = new Error('no time');

  test('ends a push that hangs, with the reason', async () => {
    const abort = new AbortController();
    const gateway = await to({}, 'hang');
    const push = gateway.push({ ...group, signal: abort.signal });
    await fake?.untilReceived(1);
    abort.abort(reason);
    await expect(push).rejects.toBe(reason);
  });

  test('ends the wait for a retry', async () => {
    const abort = new AbortController();
    const gateway = await to({ retryDelayMs: 100_000 }, 500);
    const push = gateway.push({ ...group, signal: abort.signal });
    await fake?.untilReceived(1);
    setTimeout(() => abort.abort(reason), 20);
    await expect(push).rejects.toBe(reason);
    expect(fake?.received).toHaveLength(1);
  });

  test('before the push sends nothing', async () => {
    const gateway = await to({}, 200);
    await expect(gateway.push({ ...group, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(fake?.received).toEqual([]);
  });
});
