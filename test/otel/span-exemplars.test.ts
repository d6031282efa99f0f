import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { context, type Span, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider, SamplingDecision } from '@opentelemetry/sdk-trace-base';
import { Counter, Histogram, Registry, Timed } from 'promark';
import { exemplarsFromActiveSpan, type SpanExemplars } from 'promark/otel';

const names = (span: Span) => ({ trace_id: span.spanContext().traceId, span_id: span.spanContext().spanId });

/** Samples every span except those named `boring`. */
const provider = new BasicTracerProvider({
  sampler: {
    shouldSample: (_context, _traceId, name) => ({
      decision: name === 'boring' ? SamplingDecision.NOT_RECORD : SamplingDecision.RECORD_AND_SAMPLED,
    }),
    toString: () => 'all but the boring',
  },
});
const tracer = provider.getTracer('test');

let registry: Registry;
let seconds: Histogram;
let exemplars: SpanExemplars;

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});

afterAll(async () => {
  context.disable();
  trace.disable();
  await provider.shutdown();
});

beforeEach(() => {
  registry = new Registry();
  seconds = new Histogram({
    name: 'job_seconds',
    help: 'Job time',
    buckets: [1],
    enableExemplars: true,
    registers: [registry],
  });
  exemplars = exemplarsFromActiveSpan();
});

afterEach(() => exemplars.stop());

function within<R>(name: string, body: (span: Span) => R): R {
  return tracer.startActiveSpan(name, (span) => {
    const result = body(span);
    span.end();
    return result;
  });
}

async function exemplarsOf(name: string) {
  const families = await registry.gather();
  const samples = families.find((family) => family.name === name)?.samples ?? [];
  return samples.flatMap(({ exemplar }) => (exemplar === undefined ? [] : [exemplar.labels]));
}

describe('the active span is the exemplar of', () => {
  test('an observation', async () => {
    const span = within('work', (active) => {
      seconds.observe(0.5);
      return active;
    });
    expect(await exemplarsOf('job_seconds')).toEqual([names(span)]);
    const { trace_id, span_id } = names(span);
    const page = (await registry.render('application/openmetrics-text;version=1.0.0')).text;
    expect(page).toContain(`le="1.0"} 1 # {trace_id="${trace_id}",span_id="${span_id}"} 0.5 `);
  });

  test('an increment', async () => {
    const orders = new Counter({ name: 'orders_total', help: 'O', enableExemplars: true, registers: [registry] });
    const span = within('work', (active) => {
      orders.inc();
      return active;
    });
    expect(await exemplarsOf('orders_total')).toEqual([names(span)]);
  });

  test('an async call, even if another span has been active meanwhile', async () => {
    const call = within('work', (active) => ({ active, done: seconds.time(() => pause(5)) }));
    within('other', () => {});
    await call.done;
    expect(await exemplarsOf('job_seconds')).toEqual([names(call.active)]);
  });

  test('a call of an instrumented method', async () => {
    class Shop {
      @Timed(seconds)
      order(): void {}
    }
    const span = within('work', (active) => {
      new Shop().order();
      return active;
    });
    expect(await exemplarsOf('job_seconds')).toEqual([names(span)]);
  });
});

describe('there is no exemplar', () => {
  test('without a span', async () => {
    seconds.observe(0.5);
    expect(await exemplarsOf('job_seconds')).toEqual([]);
  });

  test('of a span that is not sampled, without unsampled: true', async () => {
    within('boring', () => seconds.observe(0.5));
    expect(await exemplarsOf('job_seconds')).toEqual([]);
    exemplars = exemplarsFromActiveSpan({ unsampled: true });
    const span = within('boring', (active) => {
      seconds.observe(0.5);
      return active;
    });
    expect(await exemplarsOf('job_seconds')).toEqual([names(span)]);
  });

  test('on metrics that do not enable exemplars', async () => {
    const plain = new Histogram({ name: 'plain_seconds', help: 'P', registers: [registry] });
    within('work', () => plain.observe(0.5));
    expect(await exemplarsOf('plain_seconds')).toEqual([]);
  });

  test('after stop()', async () => {
    exemplars.stop();
    within('work', () => seconds.observe(0.5));
    expect(await exemplarsOf('job_seconds')).toEqual([]);
  });
});

test('an explicit exemplar takes precedence', async () => {
  within('work', () => seconds.observe({ value: 0.5, exemplarLabels: { order: '7' } }));
  expect(await exemplarsOf('job_seconds')).toEqual([{ order: '7' }]);
});
