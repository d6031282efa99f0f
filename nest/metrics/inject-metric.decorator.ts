import { Inject } from '@nestjs/common';
import { isDefinition, type MetricDefinition } from './metric-definition.js';

/**
 * The injection token of a metric, for `useFactory` providers and `moduleRef.get`. By name it means the metric of that
 * name among those that the module's `forFeature` define.
 */
export function metricToken(metric: MetricDefinition | string): symbol {
  return isDefinition(metric) ? metric.token : Symbol.for(`promark.nest.metric ${metric}`);
}

/**
 * Injects a metric that a `forFeature` of the module has: by its definition, or by its name.
 *
 * @example
 * constructor(
 *   @InjectMetric(refunds) private readonly counter: MetricOf<typeof refunds>,
 *   @InjectMetric('queue_length') private readonly queueLength: Gauge,
 * ) {}
 */
export function InjectMetric(metric: MetricDefinition | string): ReturnType<typeof Inject> {
  return Inject(metricToken(metric));
}
