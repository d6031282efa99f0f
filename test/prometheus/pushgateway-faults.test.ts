import { createServer, request } from 'node:http';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  Counter,
  counterFamily,
  type PageSource,
  PushError,
  Pushgateway,
  type PushgatewayOptions,
  Registry,
} from 'promark';
import { describeWith } from '../support/required-programs.js';
import { type LoopbackServer, listenOnLoopback } from '../support/servers.js';
import { type RealGateway, startPushgateway } from './pushgateway.js';

describeWith(['prometheus-pushgateway'], 'a real Pushgateway with faults', () => {
  const group = { jobName: 'nightly', groupings: { instance: 'eu/1' } };
  let real: RealGateway | undefined;
  let url: string;

  beforeEach(async () => {
    real = await startPushgateway();
    url = real.url;
  });

  afterEach(() => real?.stop());

  function gatewayAt(url: string, options: PushgatewayOptions): Pushgateway {
    const registry = new Registry();
    new Counter({ name: 'rows_total', help: 'Rows', registers: [registry] }).inc(7);
    return new Pushgateway(url, { retryDelayMs: 1, ...options }, registry);
  }

  const failed = (push: Promise<unknown>): Promise<PushError> =>
    push.then(
      () => Promise.reject(new Error('The push went well.')),
      (error) => error,
    );

  const rows = async () => (await real?.groups())?.map(({ families }) => families.rows_total?.metrics[0].value);

  test('that is down is reported, and pushed to when it is up again', async () => {
    await real?.stop();
    real = undefined;
    const error = await failed(gatewayAt(url, { retries: 1 }).push(group));
    expect(error).toBeInstanceOf(PushError);
    expect(error.message).toMatch(/ECONNREFUSED.*Nothing listens there/);

    let attempts = 0;
    const token = async () => {
      attempts += 1;
      // The first attempt is made without a gateway, the second with one.
      if (attempts === 2) real = await startPushgateway(Number(new URL(url).port));
      return 'any';
    };
    await gatewayAt(url, { auth: { token } }).push(group);
    expect(attempts).toBe(2);
    expect(await rows()).toEqual(['7']);
  });

  test('that hangs is given up on in time, and pushed to when it continues', async () => {
    await real?.halt();
    const error = await failed(gatewayAt(url, { timeout: 200, retries: 1 }).push(group));
    expect(error.message).toMatch(/nightly\/instance@base64\/ZXUvMQ failed: no response within 200 ms\.$/);
    real?.goOn();
    await gatewayAt(url, {}).push(group);
    expect(await rows()).toEqual(['7']);
  });

  test('that answers 400 is quoted, and not retried', async () => {
    let asked = 0;
    const token = () => {
      asked += 1;
      return 'any';
    };
    const registry = new Registry();
    const old = counterFamily('old_total', 'Old', [{ value: 3, timestamp: 1_600_000_000_000 }]);
    registry.registerCollector({ name: 'old', collect: () => [old] });
    // Leaves the timestamps in, as a custom page source may.
    const source: PageSource = { render: ({ accept, names }) => registry.render({ accept, names }) };
    const gateway = new Pushgateway(url, { auth: { token } }, source);
    const { status, message } = await failed(gateway.push(group));
    expect([status, asked]).toEqual([400, 1]);
    expect(message).toMatch(/push failed with status 400, .*must not have timestamps/s);
  });

  test('that answers 500 at first is retried, with the whole page', async () => {
    const proxy = await failingProxy(url, 2);
    try {
      await gatewayAt(proxy.url, { gzip: true, retries: 2 }).push(group);
      expect(await rows()).toEqual(['7']);
    } finally {
      await proxy.close();
    }
  });
});

/** A proxy in front of a gateway that answers 500 this many times, and then forwards requests. */
async function failingProxy(target: string, failures: number): Promise<LoopbackServer> {
  let left = failures;
  const proxy = createServer((incoming, outgoing) => {
    left -= 1;
    if (left >= 0) {
      incoming.resume();
      outgoing.writeHead(500).end('not yet');
      return;
    }
    const { method, headers } = incoming;
    const onward = request(target + incoming.url, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502);
      answer.pipe(outgoing);
    });
    incoming.pipe(onward);
  });
  return listenOnLoopback(proxy);
}
