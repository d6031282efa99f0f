// OpenTelemetry's SDK with its Prometheus exporter, for the work that it supports. Its API differs from prom-client's.

export const OPENTELEMETRY = '@opentelemetry/sdk-metrics';

/** A meter whose instruments are exported; `counts()` returns the number of recordings of each series. */
export async function openTelemetry() {
  const { MeterProvider } = await import(OPENTELEMETRY);
  const { PrometheusExporter } = await import('@opentelemetry/exporter-prometheus');
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const meter = new MeterProvider({ readers: [exporter] }).getMeter('bench');
  return {
    meter,
    async counts() {
      const { resourceMetrics } = await exporter.collect();
      const points = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics.flatMap((one) => one.dataPoints));
      return points.map(({ value }) => (typeof value === 'number' ? value : value.count));
    },
  };
}

/** The instrument that corresponds to a metric type. It records by `method(value, attributes)`. */
export function instrument(meter, type, buckets) {
  if (type === 'Counter') return { subject: meter.createCounter('c_total'), method: 'add' };
  if (type === 'Gauge') return { subject: meter.createGauge('g'), method: 'record' };
  const advice = { explicitBucketBoundaries: buckets };
  return { subject: meter.createHistogram('h_seconds', { advice }), method: 'record' };
}
