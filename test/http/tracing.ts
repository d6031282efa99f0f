import type { Server } from 'node:http';
import { context, type Span, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider, SamplingDecision } from '@opentelemetry/sdk-trace-base';

/** Samples every span except those named `boring`. */
const provider = new BasicTracerProvider({
  sampler: {
    shouldSample: (_context, _traceId, name) => ({
      decision: name === 'boring' ? SamplingDecision.NOT_RECORD : SamplingDecision.RECORD_AND_SAMPLED,
    }),
    toString: () => 'all but the boring',
  },
});

export const tracer = provider.getTracer('test');

/** Propagates spans through callbacks and promises, as a program with OpenTelemetry does. */
export function startTracing(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
}

export async function stopTracing(): Promise<void> {
  context.disable();
  trace.disable();
  await provider.shutdown();
}

/**
 * Gives each request to a server a span that is named after its path and active while listeners are called, as
 * OpenTelemetry's HTTP instrumentation does by wrapping `emit`. Returns the spans by path.
 */
export function traceRequests(server: Pick<Server, 'emit'>): Map<string, Span> {
  const spans = new Map<string, Span>();
  const { emit } = server;
  server.emit = function (this: Server, event: string, ...given: unknown[]): boolean {
    if (event !== 'request') return Reflect.apply(emit, this, [event, ...given]);
    const { url = '' } = given[0] as { url?: string };
    const span = tracer.startSpan(url.slice(1));
    spans.set(url, span);
    return context.with(trace.setSpan(context.active(), span), () => Reflect.apply(emit, this, [event, ...given]));
  } as Server['emit'];
  return spans;
}
