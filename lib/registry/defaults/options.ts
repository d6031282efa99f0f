import type { Registry } from '../registry.js';

/** The options of default metrics with every default filled in, as collectors see them. */
export interface Options {
  readonly register: Registry;
  readonly prefix: string;
  /** The constant labels as text. */
  readonly labels: Readonly<Record<string, string>>;
  readonly legacyNames: boolean;
  readonly gcDurationBuckets: readonly number[];
  /** Milliseconds. */
  readonly eventLoopMonitoringPrecision: number;
  readonly eventLoopLagWindowSeconds: number;
  /** Milliseconds. */
  readonly eventLoopUtilizationTimeout: number;
  readonly eventLoopUtilizationBuckets: readonly number[];
  readonly eventLoopUtilizationPercentiles: readonly number[];
  readonly eventLoopUtilizationAgeBuckets: number;
  readonly eventLoopUtilizationMaxAgeSeconds: number;
}
