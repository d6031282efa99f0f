import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseOpenMetrics } from 'promark';
import { type OtlpReceiver, otlpReceiver } from '../otel/otlp-receiver.js';
import { type BuiltSample, buildSample } from './built-sample.js';

let sample: BuiltSample;
let receiver: OtlpReceiver;

beforeAll(async () => {
  sample = await buildSample('otel-bridge');
  receiver = await otlpReceiver();
});

afterAll(async () => {
  await receiver?.close();
  await sample?.remove();
});

test('the sample otel-bridge shows the same families on its page and over OTLP', async () => {
  const { code, stdout, stderr } = await sample.run('dist/main.js', {
    OTEL_EXPORTER_OTLP_ENDPOINT: new URL('/', receiver.url).href,
  });
  expect([code, stderr]).toEqual([0, '']);
  const cooking = parseOpenMetrics(stdout.trimEnd().concat('\n')).find(({ name }) => name === 'dish_cooking_seconds');
  const exemplars = (cooking?.samples ?? []).flatMap(({ exemplar }) => exemplar ?? []);
  expect(exemplars.length).toBeGreaterThan(0);
  for (const { labels } of exemplars)
    expect(labels).toEqual({ trace_id: expect.any(String), span_id: expect.any(String) });

  const metrics = receiver.received.flatMap(({ resourceMetrics }) =>
    resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics)),
  );
  expect(metrics).toContainEqual(
    expect.objectContaining({
      name: 'dish_cooking_seconds',
      histogram: expect.objectContaining({ dataPoints: [expect.objectContaining({ count: 4 })] }),
    }),
  );
  const dishes = metrics.find(({ name }) => name === 'dishes_total') as { sum: { dataPoints: object[] } } | undefined;
  expect(dishes?.sum.dataPoints).toHaveLength(3);
});
