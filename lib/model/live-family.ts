import type { Exemplar } from './exemplar.js';
import type { FamilyHead, FamilySnapshot } from './family.js';
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
  readonly kind: 'live';
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

/** A family that says what it has each time anew: its labels are not fixed, or its numbers live elsewhere. */
export interface SnapshotFamily extends FamilyHead {
  readonly kind: 'snapshot';
  /** Every name that a sample of the family may have. */
  readonly sampleNames: readonly string[];
  snapshot(): FamilySnapshot;
}

/** Anything that a page can be made of. */
export type FamilySource = LiveFamily | SnapshotFamily;

/** A snapshot that was taken before, such as what a collector yielded, as a source. */
export function gathered(snapshot: FamilySnapshot): SnapshotFamily {
  const { name, type, help, unit, samples } = snapshot;
  return {
    kind: 'snapshot',
    name,
    type,
    help,
    unit,
    get sampleNames() {
      return [...new Set(samples.map((sample) => sample.name))];
    },
    snapshot: () => snapshot,
  };
}

/** Every name that a sample of the family may have. */
export function sampleNamesOf(family: FamilySource): readonly string[] {
  if (family.kind === 'snapshot') return family.sampleNames;
  return [...new Set(family.shape.map(({ suffix }) => family.name + suffix))];
}
