import { isSpanContextValid, TraceFlags, trace } from '@opentelemetry/api';
import { type ExemplarLabels, setExemplarSource } from '../lib/index.js';

/** Which spans exemplars point to. */
export interface SpanExemplarsOptions {
  /**
   * Whether spans count that are not sampled. Their traces are usually kept nowhere, so that the pointer would lead
   * nowhere. Default: false.
   */
  readonly unsampled?: boolean;
}

/** Exemplars that are being taken from spans. */
export interface SpanExemplars {
  /** From now on there are no exemplars but those that are given. */
  stop(): void;
}

/**
 * Gives every recording on a metric with `enableExemplars` the active span for an exemplar, as `trace_id` and `span_id`;
 * one that is given to the recording call goes before. For the whole process.
 *
 * @example
 * exemplarsFromActiveSpan();
 * const seconds = new Histogram({ name: 'job_seconds', help: 'Job time', enableExemplars: true });
 * tracer.startActiveSpan('job', () => seconds.observe(0.3)); // … # {trace_id="…",span_id="…"} 0.3
 */
export function exemplarsFromActiveSpan({ unsampled = false }: SpanExemplarsOptions = {}): SpanExemplars {
  setExemplarSource(() => activeSpan(unsampled));
  return { stop: () => setExemplarSource(undefined) };
}

function activeSpan(unsampled: boolean): ExemplarLabels | undefined {
  const context = trace.getActiveSpan()?.spanContext();
  if (context === undefined || !isSpanContextValid(context)) return undefined;
  if (!unsampled && (context.traceFlags & TraceFlags.SAMPLED) === 0) return undefined;
  return { trace_id: context.traceId, span_id: context.spanId };
}
