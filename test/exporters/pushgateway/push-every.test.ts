import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Counter, PushError, Pushgateway, type PushLoop, Registry } from 'promark';
import { type FakeGateway, fakeGateway, type Reply } from './fake-gateway.js';

let fake: FakeGateway | undefined;
let loop: PushLoop | undefined;
let registry: Registry;
let jobs: Counter;
let warnings: string[];

beforeEach(() => {
  warnings = [];
  registry = new Registry({ logger: { warn: (message) => warnings.push(message) } });
  jobs = new Counter({ name: 'jobs_total', help: 'Jobs', registers: [registry] });
});

afterEach(async () => {
  await loop?.stop().catch(() => {});
  await fake?.close();
  loop = undefined;
});

const group = { jobName: 'nightly' };
/** Longer than any test runs. */
const NEVER = 1_000_000;

async function to(...replies: Reply[]): Promise<Pushgateway> {
  fake = await fakeGateway(...replies);
  return new Pushgateway(fake.url, { retries: 0 }, registry);
}

const received = () => fake?.received ?? [];
const lastBody = () => received().at(-1)?.body;

describe('pushEvery', () => {
  test('pushes the current values after each interval', async () => {
    loop = (await to(200)).pushEvery(5, group);
    expect(received()).toEqual([]);
    jobs.inc();
    await fake?.untilReceived(3);
    expect(lastBody()).toContain('jobs_total 1\n');
    expect(new Set(received().map(({ method, path }) => `${method} ${path}`))).toEqual(
      new Set(['PUT /metrics/job/nightly']),
    );
  });

  test('never has two pushes in flight, however slow the gateway is', async () => {
    let underWay = 0;
    let most = 0;
    const gateway = await to((response) => {
      underWay += 1;
      most = Math.max(most, underWay);
      setTimeout(() => {
        underWay -= 1;
        response.end();
      }, 20);
    });
    loop = gateway.pushEvery(1, group);
    await fake?.untilReceived(4);
    await loop.stop();
    expect(most).toBe(1);
  });

  test('uses POST with the option add', async () => {
    loop = (await to(200)).pushEvery(5, { ...group, add: true });
    await fake?.untilReceived(1);
    expect(received()[0].method).toBe('POST');
  });

  test('continues after a failed push, which is counted, logged and passed to onError', async () => {
    const errors: unknown[] = [];
    loop = (await to([400, 'no'], [400, 'no'], 200)).pushEvery(5, { ...group, onError: (error) => errors.push(error) });
    await fake?.untilReceived(4);
    expect(errors).toEqual([expect.any(PushError), expect.any(PushError)]);
    expect(lastBody()).toContain(`promark_instrumentation_errors_total{where="pushing to ${fake?.url}"} 2\n`);
    expect(warnings).toEqual([expect.stringContaining('push failed with status 400, no.')]);
  });

  test.each<[string, () => void]>([
    [
      'throws',
      () => {
        throw new Error('the log is full');
      },
    ],
    ['rejects', async () => Promise.reject(new Error('the log is full'))],
  ])('continues when onError %s, and logs it', async (_what, onError) => {
    loop = (await to([400, 'no'])).pushEvery(5, { ...group, onError });
    await fake?.untilReceived(3);
    expect(warnings).toEqual([
      expect.stringContaining('push failed with status 400, no.'),
      expect.stringContaining('the option onError of pushEvery; the measured code is not affected: Error: the log is'),
    ]);
  });

  test.each<[string, number, object, RegExp]>([
    ['an interval of 0', 0, group, /intervalMs must be a whole number from 1/],
    ['no job', 5, {}, /^Missing jobName/],
    [
      'an onError that is not a function',
      5,
      { ...group, onError: 'log' },
      /pushEvery: option onError must be a function, got "log"/,
    ],
    ['a signal that does not exist', 5, { ...group, signals: ['SIGFOO'] }, /got \["SIGFOO"\]/],
    ['a signal that cannot be caught', 5, { ...group, signals: ['SIGKILL'] }, /got \["SIGKILL"\]/],
  ])('refuses %s', async (_what, interval, parameters, message) => {
    const gateway = await to(200);
    expect(() => gateway.pushEvery(interval, parameters)).toThrow(message);
  });

  test('leaves no listeners behind', async () => {
    const count = () => ['SIGINT', 'SIGTERM', 'beforeExit'].map((event) => process.listenerCount(event));
    const before = count();
    const gateway = await to(200);
    loop = gateway.pushEvery(NEVER, group);
    const other = gateway.pushEvery(NEVER, { jobName: 'other' });
    expect(count()).toEqual(before.map((listeners) => listeners + 1));
    await loop.stop();
    await other.stop();
    expect(count()).toEqual(before);
  });
});

describe('stop', () => {
  test('pushes one last time, and only once', async () => {
    loop = (await to(200)).pushEvery(NEVER, group);
    jobs.inc(7);
    await Promise.all([loop.stop(), loop.stop()]);
    await loop.stop();
    expect(received().map(({ body }) => body.split('\n')[2])).toEqual(['jobs_total 7']);
  });

  test('waits for the push in flight, so that the last push arrives last', async () => {
    const answers: (() => void)[] = [];
    const gateway = await to((response) => answers.push(() => response.end()), 200);
    loop = gateway.pushEvery(5, group);
    await fake?.untilReceived(1);
    jobs.inc(7);
    const stopped = loop.stop();
    expect(received()).toHaveLength(1);
    answers[0]();
    await stopped;
    expect(received()).toHaveLength(2);
    expect(lastBody()).toContain('jobs_total 7\n');
  });

  test('does not wait for retries of an earlier push', async () => {
    const errors: unknown[] = [];
    fake = await fakeGateway(503, 200);
    const gateway = new Pushgateway(fake.url, { retryDelayMs: NEVER }, registry);
    loop = gateway.pushEvery(5, { ...group, onError: (error) => errors.push(error) });
    await fake.untilReceived(1);
    await loop.stop();
    expect(received()).toHaveLength(2);
    expect(errors).toHaveLength(1);
  });

  test('rejects when the last push fails', async () => {
    loop = (await to([400, 'no'])).pushEvery(NEVER, group);
    await expect(loop.stop()).rejects.toThrow(/push failed with status 400, no/);
  });

  test('is called by `await using`', async () => {
    loop = (await to(200)).pushEvery(NEVER, group);
    await loop[Symbol.asyncDispose]();
    expect(received()).toHaveLength(1);
  });
});

test('aborting ends the loop without a last push', async () => {
  const abort = new AbortController();
  const gateway = await to('hang');
  loop = gateway.pushEvery(5, { ...group, signal: abort.signal });
  await fake?.untilReceived(1);
  const gone = once(abort.signal, 'abort');
  abort.abort();
  await gone;
  await loop.stop();
  expect(received()).toHaveLength(1);
  expect(warnings).toEqual([]);
});
