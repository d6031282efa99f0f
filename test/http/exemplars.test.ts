import { createServer, type RequestListener } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Span } from '@opentelemetry/api';
import express from 'express';
import fastify from 'fastify';
import { type HttpMetricsOptions, HttpRecorder, Registry, setExemplarSource } from 'promark';
import { httpMetrics as expressMetrics } from 'promark/express';
import { httpMetrics as fastifyMetrics } from 'promark/fastify';
import { exemplarsFromActiveSpan } from 'promark/otel';
import { ask, deferred } from '../support/http-client.js';
import { closeServers, listen } from './listening.js';
import { recorded } from './recorded.js';
import { startTracing, stopTracing, traceRequests, tracer } from './tracing.js';

beforeAll(startTracing);
afterAll(stopTracing);

beforeEach(() => void exemplarsFromActiveSpan());
afterEach(async () => {
  setExemplarSource(undefined);
  await closeServers();
});

/** The distinct exemplars on an OpenMetrics page by family, route and status. */
async function exemplarsOn(registry: Registry): Promise<Record<string, string>> {
  const { text } = await registry.render('application/openmetrics-text;version=1.0.0');
  const lines = text.matchAll(/^(\w+)_bucket\{.*route="([^"]*)",status_code="(\d+)".*\} \d+ # (\{.*?\})/gm);
  return Object.fromEntries(
    [...lines].map(([, family, route, status, labels]) => [`${family} ${route} ${status}`, labels]),
  );
}

function exemplarOf(span: Span | undefined): string {
  const { traceId, spanId } = span?.spanContext() ?? {};
  return `{trace_id="${traceId}",span_id="${spanId}"}`;
}

/** A server whose requests have spans, and are measured by their path. */
async function serve(answer: RequestListener, options: HttpMetricsOptions = {}) {
  const registry = new Registry({ logger: { warn: () => {} } });
  const recorder = new HttpRecorder({ registry, ...options });
  const server = createServer((request, response) => {
    recorder.begin(request, response, request.url);
    answer(request, response);
  });
  const spans = traceRequests(server);
  return { registry, recorder, spans, url: await listen(server) };
}

const DURATION = 'http_request_duration_seconds';

describe('the span of a request becomes its exemplar', () => {
  test('in a node:http server, for duration and sizes', async () => {
    const { url, spans, registry } = await serve((_, response) => response.end('x'), {
      requestSize: true,
      responseSize: true,
    });
    await ask(`${url}/a`);
    await recorded(registry, 1);
    const own = exemplarOf(spans.get('/a'));
    expect(await exemplarsOn(registry)).toEqual({
      [`${DURATION} /a 200`]: own,
      'http_request_size_bytes /a 200': own,
      'http_response_size_bytes /a 200': own,
    });
  });

  test('in Express', async () => {
    const registry = new Registry();
    const app = express()
      .use(expressMetrics({ registry }))
      .get('/orders/:id', (_, response) => void setImmediate(() => response.end()));
    const server = createServer(app);
    const spans = traceRequests(server);
    await ask(`${await listen(server)}/orders/1`);
    await recorded(registry, 1);
    expect(await exemplarsOn(registry)).toEqual({
      [`${DURATION} /orders/:id 200`]: exemplarOf(spans.get('/orders/1')),
    });
  });

  test('in Fastify', async () => {
    const registry = new Registry();
    const app = fastify({ forceCloseConnections: true });
    const spans = traceRequests(app.server);
    app.register(fastifyMetrics({ registry }));
    app.get('/orders/:id', async () => 'order');
    await ask(`${await app.listen({ port: 0, host: '127.0.0.1' })}/orders/1`);
    await recorded(registry, 1);
    expect(await exemplarsOn(registry)).toEqual({
      [`${DURATION} /orders/:id 200`]: exemplarOf(spans.get('/orders/1')),
    });
    await app.close();
  });

  test('on a native histogram', async () => {
    const { url, spans, registry } = await serve((_, response) => response.end(), { native: true, buckets: false });
    await ask(`${url}/a`);
    await recorded(registry, 1);
    expect(await exemplarsOn(registry)).toEqual({ [`${DURATION} /a 200`]: exemplarOf(spans.get('/a')) });
  });

  test('regardless of which request is answered first', async () => {
    const second = deferred();
    const { url, spans, registry } = await serve(async (request, response) => {
      if (request.url === '/first') await second.promise;
      response.end();
      second.resolve();
    });
    await Promise.all([ask(`${url}/first`), ask(`${url}/second`)]);
    await recorded(registry, 2);
    expect(await exemplarsOn(registry)).toEqual({
      [`${DURATION} /first 200`]: exemplarOf(spans.get('/first')),
      [`${DURATION} /second 200`]: exemplarOf(spans.get('/second')),
    });
  });

  test('if it begins after the recorder, but before the route is known', async () => {
    const registry = new Registry();
    const recorder = new HttpRecorder({ registry });
    let span: Span | undefined;
    const server = createServer((request, response) => {
      recorder.begin(request, response);
      tracer.startActiveSpan('late', (late) => {
        span = late;
        recorder.begin(request, response, '/late');
        tracer.startActiveSpan('inner', () => recorder.begin(request, response, '/inner'));
        response.end();
      });
    });
    await ask(await listen(server));
    await recorded(registry, 1);
    expect(await exemplarsOn(registry)).toEqual({ [`${DURATION} /inner 200`]: exemplarOf(span) });
  });
});

describe('there is no exemplar', () => {
  test('if the request’s span is not sampled, even if another one is active when it ends', async () => {
    const { url, registry } = await serve((_, response) => {
      tracer.startActiveSpan('other', () => response.end());
    });
    await ask(`${url}/boring`);
    await recorded(registry, 1);
    expect(await exemplarsOn(registry)).toEqual({});
  });

  test('without a source, or with enableExemplars: false', async () => {
    const unwanted = await serve((_, response) => response.end(), { enableExemplars: false });
    await ask(`${unwanted.url}/a`);
    await recorded(unwanted.registry, 1);
    expect(await exemplarsOn(unwanted.registry)).toEqual({});

    setExemplarSource(undefined);
    const { url, registry } = await serve((_, response) => response.end());
    await ask(`${url}/a`);
    await recorded(registry, 1);
    expect(await exemplarsOn(registry)).toEqual({});
  });

  test('from a source that fails; the request counts, and so does the fault', async () => {
    setExemplarSource(() => {
      throw new Error('no tracer');
    });
    const { url, registry } = await serve((_, response) => response.end());
    await ask(`${url}/a`);
    expect(await recorded(registry, 1)).toEqual({ 'GET /a 200': 1 });
    expect(await exemplarsOn(registry)).toEqual({});
    expect(await registry.metrics()).toMatch(/^promark_instrumentation_errors_total(\{.*\})? 1$/m);
  });
});
