import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ConfigError, Counter, Registry } from 'promark';
import { PrometheusModule } from 'promark/nest';
import { type LoopbackServer, listenOnLoopback } from '../support/servers.js';

interface Pushed {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly body: string;
}

const gateway = createServer(async (request: IncomingMessage, response) => {
  const body = await text(request);
  pushes.push({ method: request.method, path: request.url, body });
  response.writeHead(status).end();
  received?.();
});
let pushes: Pushed[] = [];
let status = 200;
let received: (() => void) | undefined;
let loopback: LoopbackServer;

beforeEach(async () => {
  pushes = [];
  status = 200;
  loopback = await listenOnLoopback(gateway);
});

afterEach(() => loopback.close());

const warnings: string[] = [];
const logger = {
  warn: (message: string) => warnings.push(message),
  error: (message: string) => warnings.push(message),
};

async function startJob(push: object) {
  const registry = new Registry({ logger: logger as never });
  const orders = new Counter({ name: 'orders_total', help: 'Orders', registers: [registry] });
  const pushgateway = { url: loopback.url, jobName: 'nightly', retries: 0, ...push };
  @Module({
    imports: [
      PrometheusModule.forRoot({
        registry,
        pushgateway,
        defaultMetrics: { collectors: ['version'] },
        controller: false,
      }),
    ],
  })
  class Job {}
  const app = await NestFactory.createApplicationContext(Job, { logger: false, abortOnError: false });
  return { app, orders };
}

describe('pushes to a Pushgateway', () => {
  test('continue while the app runs, and happen one last time when it closes', async () => {
    const first = new Promise<void>((done) => {
      received = done;
    });
    const { app, orders } = await startJob({ intervalMs: 5, groupings: { instance: 'a' } });
    await first;
    orders.inc(3);
    await app.close();
    const last = pushes.at(-1);
    expect(last).toMatchObject({ method: 'PUT', path: '/metrics/job/nightly/instance/a' });
    expect(last?.body).toContain('orders_total 3\n');
    // What is removed from the registry with the app is still there.
    expect(last?.body).toContain('nodejs_version_info');
    const count = pushes.length;
    await new Promise((done) => setImmediate(done));
    expect(pushes).toHaveLength(count);
  });

  test('that fail do not keep the app from closing, and are logged', async () => {
    status = 500;
    const { app } = await startJob({});
    await app.close();
    expect(warnings.join('\n')).toContain('the last push to the Pushgateway');
  });

  test('fail the start of an app whose options are invalid', async () => {
    await expect(startJob({ url: 'ftp://gateway' })).rejects.toThrow(ConfigError);
    await expect(startJob({ intervalMs: -1 })).rejects.toThrow(ConfigError);
    await expect(startJob({ timeout: 0 })).rejects.toThrow(ConfigError);
  });
});
