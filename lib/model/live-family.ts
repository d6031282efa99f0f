import type { Exemplar } from './exemplar.js';
import type { FamilyHead } from './family.js';
import type { NativeReading } from './native-histogram.js';

/** How one line of a series differs from its neighbours. */
export interface SampleShape {
  /** Put behind the family's name: `_bucket`, `_sum`, `_count`, or nothing. */
  readonly suffix: string;
  /** The label that the line adds to those of its series: `['le', '0.5']`. */
  readonly label?: readonly [name: string, value: string];
}

/**
 * A family whose numbers can be read where they lie. Page caches ask it for runs of values and compare them with the
 * last ones, which is why it speaks of rows and not of objects.
 *
 * A row is one series. Rows are grouped; a group's version changes when a row in it appears, disappears or gets an
 * exemplar, so a reader whose version still fits needs to look at values only.
 */
export interface LiveFamily extends FamilyHead {
  readonly labelNames: readonly string[];
  /** The lines of one series, in the order in which they are printed. */
  readonly shape: readonly SampleShape[];
  /** Rows in use or once used: every row is below this. */
  readonly rowCount: number;
  /** Rows in a group. */
  readonly groupRows: number;
  groupVersion(group: number): number;
  /** The values of the labels in the order of `labelNames`, or undefined where the row holds no series. */
  labelValues(row: number): readonly string[] | undefined;
  /** Writes the values of rows `from` up to, not including, `to`, line by line; rows without a series are skipped. */
  readValues(from: number, to: number, into: Float64Array): void;
  exemplar(row: number, line: number): Exemplar | undefined;
  /** Reads the exponential buckets of a series; undefined where the family is no native histogram. */
  readonly readNative?: ((row: number, into: NativeReading) => void) | undefined;
  /** When the series began to count, in milliseconds since the epoch. */
  createdAt(row: number): number;
}
