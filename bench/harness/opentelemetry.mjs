// OpenTelemetry's SDK with its Prometheus exporter, where it has the same work. Its API is another than prom-client's.

export const OPENTELEMETRY = '@opentelemetry/sdk-metrics';

/** A meter whose instruments are exported, and how many recordings have arrived at each series. */
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

/** An instrument of the kind of a metric type. Recording on it is `method(value, attributes)`. */
export function instrument(meter, type, buckets) {
  if (type === 'Counter') return { subject: meter.createCounter('c_total'), method: 'add' };
  if (type === 'Gauge') return { subject: meter.createGauge('g'), method: 'record' };
  const advice = { explicitBucketBoundaries: buckets };
  return { subject: meter.createHistogram('h_seconds', { advice }), method: 'record' };
}
