/**
 * Tags of io.prometheus.client (Prometheus, client_model, metrics.proto): field number × 8 + wire type, which is 0 for a
 * varint, 1 for a double and 2 for what stands behind its length.
 */
export const FAMILY = { name: 0x0a, help: 0x12, type: 0x18, metric: 0x22, unit: 0x2a } as const;
export const METRIC = {
  label: 0x0a,
  gauge: 0x12,
  counter: 0x1a,
  summary: 0x22,
  untyped: 0x2a,
  timestampMs: 0x30,
  histogram: 0x3a,
} as const;
export const LABEL = { name: 0x0a, value: 0x12 } as const;
/** Of Counter, Gauge and Untyped; the last two have the value only. */
export const SINGLE = { value: 0x09, exemplar: 0x12, created: 0x1a } as const;
export const SUMMARY = { count: 0x08, sum: 0x11, quantile: 0x1a, created: 0x22 } as const;
export const QUANTILE = { quantile: 0x09, value: 0x11 } as const;
export const HISTOGRAM = {
  count: 0x08,
  sum: 0x11,
  bucket: 0x1a,
  schema: 0x28,
  zeroThreshold: 0x31,
  zeroCount: 0x38,
  negativeSpan: 0x4a,
  negativeDelta: 0x52,
  positiveSpan: 0x62,
  positiveDelta: 0x6a,
  created: 0x7a,
  /** Field 16: its tag takes two bytes. */
  exemplars: [0x82, 0x01],
} as const;
export const BUCKET = { cumulativeCount: 0x08, upperBound: 0x11, exemplar: 0x1a } as const;
export const SPAN = { offset: 0x08, length: 0x10 } as const;
export const EXEMPLAR = { label: 0x0a, value: 0x11, timestamp: 0x1a } as const;
export const TIMESTAMP = { seconds: 0x08, nanos: 0x10 } as const;
