import type { Exemplar } from './exemplar.js';
import type { FamilyType } from './family-types.js';
import type { NativeHistogram } from './native-histogram.js';

/** The metadata of a family. */
export interface FamilyHead {
  /** The name as configured: a counter's with `_total`, an info's without `_info`. */
  readonly name: string;
  readonly type: FamilyType;
  /** What is measured, in a sentence; may be empty. */
  readonly help: string;
  /** The unit, a suffix of the name, such as `seconds`; empty if there is none. */
  readonly unit: string;
}

/** One line of a page. */
export interface Sample {
  /** The whole name, suffix included: `http_requests_total`, `rpc_seconds_bucket`. */
  readonly name: string;
  /** Every label, `le` and `quantile` included, in the order in which they are printed. */
  readonly labels: Readonly<Record<string, string>>;
  /** The value; NaN and the infinities included. */
  readonly value: number;
  /** Milliseconds since the epoch. Almost always absent: the scraper knows when it scraped. */
  readonly timestamp?: number;
  /** When the series began to count, in milliseconds since the epoch; only if requested. */
  readonly created?: number;
  /** The exemplar of this line, on counters and buckets that keep exemplars. */
  readonly exemplar?: Exemplar;
  /** The exponential buckets of a native histogram; on the `_count` sample of its series. */
  readonly native?: NativeHistogram;
}

/** A family at one moment: what collectors yield, parsers return and formats write. Immutable. */
export interface FamilySnapshot extends FamilyHead {
  /** The samples of all series; those of one series are adjacent. */
  readonly samples: readonly Sample[];
}
