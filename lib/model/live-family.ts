import type { Exemplar } from './exemplar.js';
import type { FamilyHead, FamilySnapshot } from './family.js';
import type { NativeReading } from './native-histogram.js';

/** What distinguishes a line of a series from its other lines. */
export interface SampleShape {
  /** Appended to the family's name: `_bucket`, `_sum`, `_count`, or nothing. */
  readonly suffix: string;
  /** The label that the line adds to those of its series: `['le', '0.5']`. */
  readonly label?: readonly [name: string, value: string];
}

/** The lines of a series that is one number. */
export const ONE_LINE: readonly SampleShape[] = [{ suffix: '' }];

/**
 * One group of rows at one moment. Its reader owns it and uses it again for the next group, so that reading allocates
 * nothing unless a group is larger than all before it.
 */
export class GroupReading {
  /** Changes whenever a row of the group appears, disappears, starts again or gets an exemplar. */
  version = 0;
  /** The first row. */
  from = 0;
  /** The row after the last one. */
  to = 0;
  /** The values of the live rows, line by line. Rows without a series have no values here. */
  values: Float64Array = new Float64Array(0);
  /** Number of values. */
  length = 0;
  /**
   * Reads the exponential buckets of a row into the given reading or, without one, into a new one, and returns it.
   * Undefined if the family has none, or if they were not requested.
   */
  readNative: ((row: number, into?: NativeReading) => NativeReading) | undefined;

  constructor(
    /** Whether exponential buckets are read as well. Default: false. */
    readonly withNative = false,
  ) {}

  /** Begins the reading of rows `from` up to, not including, `to`, with room for `lines` values a row. */
  begin(from: number, to: number, lines: number): void {
    this.from = from;
    this.to = to;
    this.length = 0;
    if ((to - from) * lines > this.values.length) this.values = new Float64Array((to - from) * lines);
  }
}

/**
 * A family whose cells can be read in place. Pages compare each group of values with that of the previous page, which
 * is why this interface exposes rows instead of objects.
 *
 * A row holds one series. `labelValues`, `createdAt` and `exemplar` describe the same moment as the last `readGroup`
 * until the end of the current turn of the event loop.
 */
export interface LiveFamily extends FamilyHead {
  readonly kind: 'live';
  readonly labelNames: readonly string[];
  /**
   * The lines of one series, in the order in which they are printed.
   * @internal
   */
  readonly shape: readonly SampleShape[];
  /**
   * Every row that is or was in use is below this.
   * @internal
   */
  readonly rowCount: number;
  /**
   * Rows in a group.
   * @internal
   */
  readonly groupRows: number;
  /**
   * Changes whenever a series is removed or starts again: values read before may belong to another series by now.
   * @internal
   */
  readonly revision: number;
  /**
   * Updates the set of series, if the family is recorded in another thread.
   * @internal
   */
  sync?(): void;
  /**
   * Brings the family up to date, step by step, if it is merged from several sources. Everything that is read before
   * the next call is of the moment of this one.
   *
   * @param withNative Whether exponential buckets are going to be read as well.
   * @internal
   */
  prepare?(withNative: boolean): Iterable<unknown>;
  /**
   * Changes whenever a row of the group appears, disappears, starts again or gets an exemplar.
   * @internal
   */
  groupVersion(group: number): number;
  /**
   * Reads rows `group * groupRows` and following: their version, values and exponential buckets, all of one moment. If
   * the version equals that of the previous reading, only values may have changed. A reading from another thread is
   * valid if the revision is the same after the next `sync`.
   * @internal
   */
  readGroup(group: number, into: GroupReading): void;
  /**
   * The values of the labels in the order of `labelNames`, or undefined if the row holds no series.
   *
   * @param into An array of the caller's that the values may be written to, for the rows of this family. Default: a new one.
   * @internal
   */
  labelValues(row: number, into?: string[]): readonly string[] | undefined;
  /**
   * Whether callers passed this label value as a number; undefined if unknown.
   * @internal
   */
  isNumeric?(label: string, text: string): boolean;
  /** @internal */
  exemplar(row: number, line: number): Exemplar | undefined;
  /**
   * When the series began to count, in milliseconds since the epoch.
   * @internal
   */
  createdAt(row: number): number;
}

/** A family without stable rows, read as a snapshot: its labels are not fixed, or its numbers live elsewhere. */
export interface SnapshotFamily extends FamilyHead {
  readonly kind: 'snapshot';
  /** Every name that a sample of the family may have. */
  readonly sampleNames: readonly string[];
  snapshot(): FamilySnapshot;
}

/** Any family that a page can show. */
export type FamilySource = LiveFamily | SnapshotFamily;

/** Wraps an existing snapshot, such as one that a collector yielded, as a source. */
export function snapshotSource(snapshot: FamilySnapshot): SnapshotFamily {
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

/**
 * Whether a family, or one of its samples, has one of the names, which include the prefix. An empty list selects every
 * family.
 */
export function isSelected(family: FamilySource, prefix: string, names: readonly string[] = []): boolean {
  if (names.length === 0) return true;
  const name = prefix + family.name;
  const known = [name, name.replace(/_total$/, ''), ...sampleNamesOf(family).map((sample) => prefix + sample)];
  return names.some((wanted) => known.includes(wanted));
}

/** The families of a registry as of now, for a live page. */
export interface LiveFamilies {
  readonly families: readonly FamilySource[];
  /** Prefix of all names. */
  readonly prefix: string;
  /** Whose values these are, in words: `all 4 processes`. Default: those of this process. */
  readonly scope?: string | undefined;
}

/** The same family under another name or type, or with other lines; everything else is read from the family itself. */
export function withOverrides(
  family: LiveFamily,
  shown: Partial<Pick<LiveFamily, 'name' | 'type' | 'shape'>>,
): LiveFamily {
  const { kind, name, type, help, unit, labelNames, groupRows, shape } = family;
  return {
    ...{ kind, name, type, help, unit, labelNames, groupRows, shape, ...shown },
    get rowCount() {
      return family.rowCount;
    },
    get revision() {
      return family.revision;
    },
    groupVersion: (group) => family.groupVersion(group),
    readGroup: (group, into) => family.readGroup(group, into),
    labelValues: (row, into) => family.labelValues(row, into),
    exemplar: (row, line) => family.exemplar(row, line),
    createdAt: (row) => family.createdAt(row),
    ...(family.sync !== undefined && { sync: () => family.sync?.() }),
    ...(family.prepare !== undefined && { prepare: (withNative) => family.prepare?.(withNative) ?? [] }),
  };
}
