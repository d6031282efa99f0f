import { EventEmitter, once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { Gauge, PushError, Pushgateway, type PushgatewayOptions, Registry } from 'promark';
import { fakeOnly } from '../../support/fake-timers.js';
import { listenOnLoopback } from '../../support/servers.js';
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

/** A registry whose page waits for a promise. */
function collecting(wait: () => Promise<unknown>): Registry {
  const registry = new Registry();
  const collect = async () => void (await wait());
  new Gauge({ name: 'slow', help: 'Slow', registers: [registry], collect });
  return registry;
}

/** A loopback port where nothing listens. */
async function nobody(): Promise<string> {
  const { url, close } = await listenOnLoopback(createServer());
  await close();
  return url;
}

describe('an error response', () => {
  test('reports the status and the gateway’s answer, and is not retried', async () => {
    const gateway = await to({}, [400, 'text format parsing error in line 1\n']);
    const error = await refused(gateway.push(group));
    expect(error.message).toBe(
      `PUT ${fake?.url}/metrics/job/nightly: push failed with status 400, text format parsing error in line 1.`,
    );
    expect(error).toMatchObject({ status: 400, body: 'text format parsing error in line 1\n' });
    expect(fake?.received).toHaveLength(1);
  });

  test.each<[Reply, RegExp]>([
    [401, /push failed with status 401, without a message\. Set credentials with the option auth\.$/],
    [[404, 'not here!'], /not here! Use the URL of the gateway itself/],
  ])('says what to do about %j', async (reply, message) => {
    const gateway = await to({}, reply);
    expect((await refused(gateway.pushAdd(group))).message).toMatch(message);
    expect(fake?.received).toHaveLength(1);
  });

  test.each([
    ['to another gateway', 'https://gate.example/way', '/metrics/job/nightly?key=secret', 'https://gate.example/way'],
    ['to a path', '/way', '/metrics/job/nightly?key=secret', '/way'],
    ['to a page of another kind', 'https://me:secret@login.example/', '?back=secret', 'https://login.example/'],
  ])('that redirects %s suggests that URL, without secrets', async (_what, base, rest, shown) => {
    const gateway = await to({}, (response) => response.writeHead(301, { location: base + rest }).end('moved'));
    const { message } = await refused(gateway.pushAdd(group));
    const there = shown.startsWith('/') ? fake?.url + shown : shown;
    expect(message).toMatch(/push failed with status 301, moved\. It redirects to /);
    expect(message).toContain(` It redirects to ${there}: if that is the gateway, use its URL.`);
    expect(fake?.received).toHaveLength(1);
  });

  test('that redirects to an invalid URL suggests none', async () => {
    const gateway = await to({}, (response) => response.writeHead(302, { location: 'http://[' }).end());
    expect((await refused(gateway.pushAdd(group))).message).toMatch(
      /push failed with status 302, without a message\.$/,
    );
  });

  test('shows only the beginning of a long answer, and no secrets', async () => {
    fake = await fakeGateway([400, 'x'.repeat(5000)]);
    const url = fake.url.replace('//', '//me:secret@');
    const { message, body } = await refused(new Pushgateway(`${url}/?key=secret`, new Registry()).push(group));
    expect(message).toMatch(/, x{1000}\.$/);
    expect(body).toHaveLength(5000);
    expect(message).not.toContain('secret');
  });

  test('is also reported when it arrives before the page has been sent and the connection closes', async () => {
    const early: RequestListener = (request, response) => {
      response.writeHead(413).end('too large', () => request.socket.destroy());
    };
    const { url, close } = await listenOnLoopback(createServer(early));
    const registry = new Registry();
    const rows = new Gauge({
      name: 'rows',
      help: 'Rows',
      labelNames: ['row'],
      maxSeries: 100_000,
      registers: [registry],
    });
    for (let row = 0; row < 100_000; row++) rows.set({ row: `a row with a long name ${row}` }, row);
    const { status, message } = await refused(new Pushgateway(url, registry).push(group));
    await close();
    expect([status, message]).toEqual([413, expect.stringContaining('push failed with status 413, too large.')]);
  });

  test.each([400, 200])('is read up to 1 MiB, and its status %d decides', async (status) => {
    const endless: Reply = (response) => {
      response.writeHead(status);
      const more = () => {
        while (response.write('x'.repeat(65_536)));
      };
      response.on('drain', more);
      more();
    };
    const gateway = await to({}, endless);
    const push = gateway.push(group);
    const { body } = status === 400 ? await refused(push) : await push;
    expect(body).toHaveLength(1_048_576);
  });
});

describe('a push is retried', () => {
  test.each<[string, Reply]>([
    ['500', [500, 'disk full']],
    ['503', 503],
    ['500 with a very long body', [500, 'x'.repeat(2_000_000)]],
    ['a connection that breaks', (response) => response.destroy()],
    ['an answer that breaks', (response) => response.write('x', () => response.destroy())],
  ])('after %s', async (_what, reply) => {
    const gateway = await to({}, reply, reply, [200, 'thanks']);
    expect((await gateway.push(group)).body).toBe('thanks');
    expect(fake?.received).toHaveLength(3);
    expect(new Set(fake?.received.map(({ body }) => body)).size).toBe(1);
  });

  test('after a timeout', async () => {
    fakeOnly('setTimeout', 'clearTimeout');
    try {
      const gateway = await to({ timeout: 200 }, 'hang', 'hang', [200, 'thanks']);
      const push = gateway.push(group);
      for (const attempt of [1, 2]) {
        await fake?.untilReceived(attempt);
        jest.advanceTimersByTime(200);
      }
      expect((await push).body).toBe('thanks');
      expect(fake?.received).toHaveLength(3);
    } finally {
      jest.useRealTimers();
    }
  });

  test('as often as retries says, and then rejects with the last error', async () => {
    const gateway = await to({ retries: 2 }, 503, 503, [500, 'disk full'], 200);
    expect(await refused(gateway.push(group))).toMatchObject({ status: 500, body: 'disk full' });
    expect(fake?.received).toHaveLength(3);
  });

  test('after growing pauses', async () => {
    const times: number[] = [];
    const gateway = await to({ retries: 2, retryDelayMs: 60 }, (response) => {
      times.push(performance.now());
      response.writeHead(503).end();
    });
    await refused(gateway.push(group));
    const [first, second, third] = times;
    // Jitter takes off up to half of 60 and 120 ms. Timers count whole milliseconds. A busy machine has no upper limit.
    expect(second - first).toBeGreaterThan(28);
    expect(third - second).toBeGreaterThan(58);
  });

  test('not at all with no retries', async () => {
    const gateway = await to({ retries: 0 }, 500);
    await refused(gateway.push(group));
    expect(fake?.received).toHaveLength(1);
  });
});

describe('a gateway', () => {
  test('that is down is reported as unreachable', async () => {
    const gateway = new Pushgateway(await nobody(), { retries: 1, retryDelayMs: 1 });
    const error = await refused(gateway.push(group));
    expect(error.message).toMatch(/^PUT http:.*nightly failed: .*ECONNREFUSED.*Nothing listens there/);
    expect(error.status).toBeUndefined();
    expect(error.cause).toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('that hangs is given up on after the timeout', async () => {
    const gateway = await to({ timeout: 50, retries: 0 }, 'hang');
    expect((await refused(gateway.push(group))).message).toMatch(/failed: no response within 50 ms\.$/);
  });

  test('that stops in the middle of its answer is given up on as well', async () => {
    const gateway = await to({ timeout: 50, retries: 0 }, (response) => void response.write('x'));
    expect((await refused(gateway.push(group))).message).toMatch(/no response within 50 ms/);
  });

  test('that answers one byte at a time is given up on as well', async () => {
    const gateway = await to({ timeout: 100, retries: 0 }, (response) => {
      const timer = setInterval(() => response.write('x'), 5);
      response.on('close', () => clearInterval(timer));
    });
    expect((await refused(gateway.push(group))).message).toMatch(/no response within 100 ms/);
  });

  test('is not contacted when the token is late or its source fails', async () => {
    const forever = await to({ timeout: 20, retries: 1, auth: { token: () => new Promise<string>(() => {}) } }, 200);
    expect((await refused(forever.push(group))).message).toMatch(/failed: no token from the option auth within 20 ms/);
    const sealed = new Error('the vault is sealed');
    const broken = new Pushgateway(fake?.url ?? '', { auth: { token: () => Promise.reject(sealed) } }, new Registry());
    expect(await refused(broken.push(group))).toMatchObject({
      message: expect.stringMatching(/failed: the vault is sealed/),
      cause: sealed,
    });
    expect(fake?.received).toEqual([]);
  });

  test.each([undefined, null, '', 5])('is not contacted when the source of tokens returns %j', async (token) => {
    const gateway = await to({ auth: { token: () => token as string } }, 200);
    expect((await refused(gateway.push(group))).message).toMatch(
      /failed: option auth\.token must return a string with the token, got (a value of type (undefined|null|number)|an empty one)\./,
    );
    expect(fake?.received).toEqual([]);
  });

  test('is not contacted when an option would make an invalid header', async () => {
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

  test.each<[string, (wait: () => Promise<string>) => [PushgatewayOptions, Registry]]>([
    ['a token', (wait) => [{ auth: { token: wait } }, new Registry()]],
    ['the page', (wait) => [{}, collecting(wait)]],
  ])('ends the wait for %s', async (_what, make) => {
    const abort = new AbortController();
    const gate = new EventEmitter();
    const wait = async () => {
      gate.emit('waiting');
      const [token] = await once(gate, 'open');
      return token;
    };
    const waiting = once(gate, 'waiting');
    fake = await fakeGateway(200);
    const [options, registry] = make(wait);
    const push = new Pushgateway(fake.url, options, registry).push({ ...group, signal: abort.signal });
    await waiting;
    abort.abort(reason);
    await expect(push).rejects.toBe(reason);
    gate.emit('open', 'token');
    expect(fake.received).toEqual([]);
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
