import {
  MessageMultiMetricManager,
  PrometheusMessageErrorCounter,
  PrometheusMessageLifetimeMetric,
  PrometheusMessageProcessingTimeMetric,
} from '@message-queue-toolkit/metrics';
import client, { register } from 'prom-client';

const named = (name) => ({ name, helpDescription: name, buckets: [10, 100, 1000], messageVersion: '1.0.0' });
const metrics = new MessageMultiMetricManager([
  new PrometheusMessageProcessingTimeMetric(named('processing_ms'), client),
  new PrometheusMessageLifetimeMetric(named('lifetime_ms'), client),
  new PrometheusMessageErrorCounter(named('errors')),
  // Uses the existing one.
  new PrometheusMessageErrorCounter(named('errors')),
]);
const times = { messageTimestamp: 1000, messageProcessingStartTimestamp: 1040, messageProcessingEndTimestamp: 1090 };
for (const processingResult of [{ status: 'consumed' }, { status: 'error', errorReason: 'handlerError' }]) {
  metrics.registerProcessedMessage({ ...times, queueName: 'orders', messageType: 'order.placed', processingResult });
}
console.log(await register.metrics());
