import type { Server } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { Registry } from 'promark';
import type { PrometheusModuleOptions } from 'promark/nest';
import { exemplarsFromActiveSpan, type SpanExemplars } from 'promark/otel';
import { recorded } from '../http/recorded.js';
import { startTracing, stopTracing, traceRequests } from '../http/tracing.js';
import { adapters, closeApps, startApp } from './running-app.js';

let exemplars: SpanExemplars;

beforeAll(() => {
  startTracing();
  exemplars = exemplarsFromActiveSpan();
});

afterEach(closeApps);

afterAll(async () => {
  exemplars.stop();
  await stopTracing();
});

@Controller('orders')
class Orders {
  @Get(':id')
  async show() {
    return 'order';
  }
}

describe.each(adapters)('the exemplars of HTTP requests on %s', (_, adapterOf) => {
  async function pageAfterRequest(http?: PrometheusModuleOptions['http']) {
    const registry = new Registry();
    const options = { registry, defaultMetrics: false, ...(http !== undefined && { http }) };
    const { url, app } = await startApp(options, { controllers: [Orders], adapter: adapterOf() });
    const spans = traceRequests(app.getHttpServer() as Server);
    await (await fetch(`${url}/orders/1`)).text();
    await recorded(registry, 1);
    const { text } = await registry.render('application/openmetrics-text;version=1.0.0');
    return { text, span: spans.get('/orders/1')?.spanContext() };
  }

  test('are the spans that are active when they arrive', async () => {
    const { text, span } = await pageAfterRequest();
    const labels = `# {trace_id="${span?.traceId}",span_id="${span?.spanId}"}`;
    expect(text.split('\n').filter((line) => line.includes(labels))).toEqual([
      expect.stringMatching(/^http_request_duration_seconds_bucket\{method="GET",route="\/orders\/:id"/),
    ]);
  });

  test('are absent with enableExemplars: false', async () => {
    const { text } = await pageAfterRequest({ enableExemplars: false });
    expect(text).not.toContain(' # {');
  });
});
