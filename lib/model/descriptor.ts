import type { FamilyHead } from './family.js';
import type { SampleShape } from './live-family.js';

/** How the lines of a series are computed from its cells. */
export type CellLayout =
  /** Each line is a cell. `initial` is the value of the first one when a series begins; default: 0. */
  | { readonly kind: 'cells'; readonly initial?: number }
  /** One cell per bucket and one for the sum; the lines are the running totals of the buckets, the sum and the count. */
  | {
      readonly kind: 'buckets';
      /** The initial schema and zero threshold of the exponential buckets, if the family has them too. */
      readonly native?: { readonly schema: number; readonly zeroThreshold: number };
    }
  /** One cell for the sum and one for the count, and a line per rank, from sketches of the last `maxAgeSeconds`. */
  | {
      readonly kind: 'quantiles';
      readonly ranks: readonly number[];
      /** Undefined if observations never expire. */
      readonly maxAgeSeconds?: number;
      readonly ageBuckets: number;
    };

/** What another thread or process needs to know about a family to read its cells. Plain data, ready for JSON. */
export interface FamilyDescriptor extends FamilyHead {
  readonly labelNames: readonly string[];
  /** The lines of one series; bounds of buckets, ranks and states are in their labels. */
  readonly shape: readonly SampleShape[];
  /** Cells per series. */
  readonly width: number;
  /** Rows per group. */
  readonly groupRows: number;
  readonly layout: CellLayout;
  /** Maximum number of series; further ones are recorded on the overflow series. 0 or undefined: no limit. */
  readonly maxSeries?: number;
  /** How prom-client merges the family over a cluster. */
  readonly aggregator?: string;
  /** How a gauge is merged over threads and processes. Default: by `aggregator`, over those that are alive. */
  readonly aggregate?: string;
}
