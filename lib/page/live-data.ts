import type { FamilyType } from '../model/family-types.js';
import type { ManifestMethod, MethodObjective } from '../model/manifest.js';

// What a live page is sent once a second: a full picture at first, then what has changed since the last one.

/** A number as JSON can hold it: `null` is NaN, the words are the infinities. */
export type WireNumber = number | null | 'Infinity' | '-Infinity';

/** What is known of a family before its numbers. */
export interface LiveFamilyHead {
  readonly name: string;
  readonly type: FamilyType;
  readonly help: string;
  readonly unit: string;
  readonly labels: readonly string[];
  /** The lines of a series: what is added to the name, and the label that the line adds. */
  readonly lines: readonly (readonly [suffix: string, label: string, value: string])[];
  readonly methods: readonly ManifestMethod[];
  readonly objectives: readonly MethodObjective[];
}

/** A series: its place in the family, then the values of its labels. */
export type LiveSeries = readonly [row: number, labelValues: readonly string[]];

/** The exponential buckets of a series. */
export interface LiveNative {
  readonly row: number;
  readonly schema: number;
  readonly zeroCount: number;
  readonly zeroThreshold: number;
  /** Bucket index and count in turn. */
  readonly positive: readonly number[];
  readonly negative: readonly number[];
}

/** What has changed in a family. */
export interface LiveChange {
  /** The number of the family. */
  readonly family: number;
  /** The families that the page does not know, and those that have got other labels or methods. */
  readonly head?: LiveFamilyHead;
  /** Series that are new, or whose row has another series than before. */
  readonly series?: readonly LiveSeries[];
  /** Rows without a series. */
  readonly gone?: readonly number[];
  /** Pairs of a distance to the last changed line and what its whole number has grown by. */
  readonly grown?: readonly number[];
  /** Pairs of a distance to the last changed line and its new value. */
  readonly values?: readonly WireNumber[];
  readonly native?: readonly LiveNative[];
}

/** What is known of the program and of its scrapes. */
export interface LiveProcess {
  readonly title: string;
  readonly pid: number;
  readonly uptimeSeconds: number;
  /** Whose numbers these are, for people. */
  readonly scope: string;
  /** The last page that a scraper has got; undefined before the first. */
  readonly scrape?: {
    readonly bytes: number;
    readonly milliseconds: number;
    readonly secondsAgo: number;
    readonly count: number;
  };
}

/** One answer. */
export interface LiveData {
  /** Another one than before means that the server began anew: everything is sent. */
  readonly epoch: string;
  /** The number of this sample. */
  readonly seq: number;
  /** The number of the sample that `changes` are relative to; -1 where they are everything. */
  readonly since: number;
  /** When the sample was taken, in milliseconds on a clock of the server's that never steps. */
  readonly time: number;
  readonly process: LiveProcess;
  /** Families that are no longer there. */
  readonly left: readonly number[];
  readonly changes: readonly LiveChange[];
}
