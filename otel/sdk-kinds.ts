import type { ValueType } from '@opentelemetry/api';
import type { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';

// The SDK's enums by their values, which are the same in all its versions: this entry then works without the SDK, which
// exemplars do not need, and with whatever version the reader has.

export const HISTOGRAM = 0 as DataPointType.HISTOGRAM;
export const EXPONENTIAL_HISTOGRAM = 1 as DataPointType.EXPONENTIAL_HISTOGRAM;
export const GAUGE = 2 as DataPointType.GAUGE;
export const SUM = 3 as DataPointType.SUM;
export const CUMULATIVE = 1 as AggregationTemporality.CUMULATIVE;
export const DOUBLE = 1 as ValueType.DOUBLE;
