import type { FamilyType } from '../model/family-types.js';
import type { ManifestMethod, MethodObjective } from '../model/manifest.js';

// The data sent to a live page once a second: first the full state, then the changes since the last sample.

/** A number in JSON, where `null` is NaN and the strings are the infinities. */
export type WireNumber = number | null | 'Infinity' | '-Infinity';

/** The metadata of a family. */
export interface LiveFamilyHead {
  readonly name: string;
  readonly type: FamilyType;
  readonly help: string;
  readonly unit: string;
  readonly labels: readonly string[];
  /** The lines of a series: the suffix of the name, and the label that the line adds. */
  readonly lines: readonly (readonly [suffix: string, label: string, value: string])[];
  readonly methods: readonly ManifestMethod[];
  readonly objectives: readonly MethodObjective[];
}

/** A series: its row in the family, then its label values. */
export type LiveSeries = readonly [row: number, labelValues: readonly string[]];

/** The exponential buckets of a series. */
export interface LiveNative {
  readonly row: number;
  readonly schema: number;
  readonly zeroCount: number;
  readonly zeroThreshold: number;
  /** Bucket indexes and counts, alternating. */
  readonly positive: readonly number[];
  readonly negative: readonly number[];
}

/** The changes of a family. */
export interface LiveChange {
  /** The number of the family. */
  readonly family: number;
  /** For a family that is new to the page, or whose metadata has changed. */
  readonly head?: LiveFamilyHead;
  /** Series that are new, or have taken the row of another one. */
  readonly series?: readonly LiveSeries[];
  /** Rows without a series. */
  readonly removedRows?: readonly number[];
  /** Pairs: the distance from the previous line in this list, and the increase of an integer. */
  readonly increases?: readonly number[];
  /** Pairs: the distance from the previous line in this list, and the new value. */
  readonly values?: readonly WireNumber[];
  readonly native?: readonly LiveNative[];
}

/** Information about the program and its scrapes. */
export interface LiveProcess {
  readonly title: string;
  readonly pid: number;
  readonly uptimeSeconds: number;
  /** Which processes and threads the values are from: `this process`. */
  readonly scope: string;
  /** The last page sent to a scraper; undefined before the first. */
  readonly scrape?: {
    readonly bytes: number;
    readonly milliseconds: number;
    readonly secondsAgo: number;
    readonly count: number;
  };
}

/** One response. */
export interface LiveData {
  /** Changes when the server has restarted or dropped its samples: everything is sent then. */
  readonly epoch: string;
  /** The number of this sample. */
  readonly seq: number;
  /** The sample that `changes` are relative to; -1 if they are the full state. */
  readonly since: number;
  /** When the sample was taken, in milliseconds on a monotonic clock of the server. */
  readonly time: number;
  readonly process: LiveProcess;
  /** Families that no longer exist. */
  readonly removed: readonly number[];
  readonly changes: readonly LiveChange[];
}
