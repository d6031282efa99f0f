import { isSpanContextValid, TraceFlags, trace } from '@opentelemetry/api';
import { checkOptions, type ExemplarLabels, rule, setExemplarSource } from '../lib/index.js';

/** Options of exemplars from spans. */
export interface SpanExemplarsOptions {
  /**
   * Whether to use spans that are not sampled. Their traces are usually not stored, so such exemplars would point to
   * nothing. Default: false.
   */
  readonly unsampled?: boolean;
}

/** A handle to stop taking exemplars from spans. */
export interface SpanExemplars {
  /** Stops taking exemplars from spans; explicit exemplars are still kept. */
  stop(): void;
}

/**
 * Attaches the active span to every recording on a metric with `enableExemplars`, as `trace_id` and `span_id`. An
 * exemplar given to the recording call takes precedence. Applies to the whole process. Throws ConfigError for invalid
 * options.
 *
 * @example
 * exemplarsFromActiveSpan();
 * const seconds = new Histogram({ name: 'job_seconds', help: 'Job time', enableExemplars: true });
 * tracer.startActiveSpan('job', () => seconds.observe(0.3)); // … # {trace_id="…",span_id="…"} 0.3
 */
export function exemplarsFromActiveSpan(options: SpanExemplarsOptions = {}): SpanExemplars {
  checkOptions<SpanExemplarsOptions>('exemplarsFromActiveSpan', options, { unsampled: rule.boolean });
  const { unsampled = false } = options;
  setExemplarSource(() => activeSpan(unsampled));
  return { stop: () => setExemplarSource(undefined) };
}

function activeSpan(unsampled: boolean): ExemplarLabels | undefined {
  const context = trace.getActiveSpan()?.spanContext();
  if (context === undefined || !isSpanContextValid(context)) return undefined;
  if (!unsampled && (context.traceFlags & TraceFlags.SAMPLED) === 0) return undefined;
  return { trace_id: context.traceId, span_id: context.spanId };
}
