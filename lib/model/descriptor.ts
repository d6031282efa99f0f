import type { FamilyHead } from './family.js';
import type { SampleShape } from './live-family.js';

/** How the lines of a series come out of its cells. */
export type CellLayout =
  /** Each line is a cell. `initial` is the value of the first one when a series begins; default: 0. */
  | { readonly kind: 'cells'; readonly initial?: number }
  /** One cell per bucket and one for the sum; the lines are the running totals of the buckets, the sum and the count. */
  | {
      readonly kind: 'buckets';
      /** Where there are exponential buckets as well: their first resolution and zero threshold. */
      readonly native?: { readonly schema: number; readonly zeroThreshold: number };
    }
  /** A cell for the sum and one for the count; a line each rank from sketches of the last `maxAgeSeconds`. */
  | {
      readonly kind: 'quantiles';
      readonly ranks: readonly number[];
      /** Left out where nothing is ever forgotten. */
      readonly maxAgeSeconds?: number;
      readonly ageBuckets: number;
    };

/** What a reader elsewhere has to know of a family to read its cells: plain data, ready for JSON. */
export interface FamilyDescriptor extends FamilyHead {
  readonly labelNames: readonly string[];
  /** The lines of one series; bounds of buckets, ranks and states are in their labels. */
  readonly shape: readonly SampleShape[];
  /** Cells of one series. */
  readonly width: number;
  /** Rows in a group. */
  readonly groupRows: number;
  readonly layout: CellLayout;
  /** The most series before observations go to one overflow series; 0 or left out for no limit. */
  readonly maxSeries?: number;
  /** How prom-client merges the family over a cluster. */
  readonly aggregator?: string;
  /** How a gauge merges over threads and processes. Left out: by `aggregator`, over those that run. */
  readonly aggregate?: string;
}
