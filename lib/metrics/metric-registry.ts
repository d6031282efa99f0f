import type { FamilyDescriptor } from '../model/descriptor.js';
import type { Faults } from '../model/faults.js';
import type { LabelValue } from '../model/labels.js';
import type { LiveFamily, SnapshotFamily } from '../model/live-family.js';
import { GROUP_FOLDER, groupFolder, processWide, processWideIfMade, SHARED_REGISTRIES } from '../model/process-wide.js';
import type { Aggregator } from '../promclient/metric-object.js';
import type { FamilyLog } from '../store/row-changes.js';
import { defaultStore, type Store } from '../store/store.js';
import type { NativePlan } from './native/native-options.js';

/** Selects series of a page: those of a family, those with certain label values, or both. Default: all. */
export interface SeriesSelection {
  readonly family?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** The series recorded by threads that have ended, which can no longer remove them themselves. */
export interface EndedSeries {
  forget(selection: SeriesSelection): void;
}

/** What a metric needs from its registry. All copies of promark in a process share this interface. */
export interface MetricRegistry {
  /** Allocates the cells of new families. */
  readonly store: Store;
  /** Maximum number of series of a family without a `maxSeries` of its own; 0: no limit. */
  readonly maxSeries: number;
  readonly faults: Faults;
  /** The series of ended threads that pages show, if any. Registries of another copy of promark may lack it. */
  readonly ended?: EndedSeries | undefined;
  registerMetric(metric: Registrable): void;
  removeSingleMetric(name: string): void;
}

/** What a registry needs from each of its metrics, besides reading it. */
interface RegisteredMetric {
  /**
   * Brings the values up to date. Called before every page, at most once at a time; may be async. Undefined if there is
   * nothing to do.
   * @internal
   */
  readonly refresh?: (() => void | Promise<void>) | undefined;
  /**
   * Tells readers in other threads that `refresh` may be defined from now on. Metrics of another copy of promark may
   * lack it.
   * @internal
   */
  announceRefresh?(): void;
  readonly labelNames: readonly string[];
  /** How prom-client merges the metric over a cluster. Default: `sum`. */
  readonly aggregator?: Aggregator;
  /**
   * Whether the metric describes the process as a whole. Default: false.
   * @internal
   */
  readonly isOfProcess?: boolean;
  /** Settings of a histogram's exponential buckets; undefined if it has none. */
  readonly native?: NativePlan | undefined;
  /** Resets the metric to its initial state. */
  reset(): void;
  /** Removes every series whose labels have all the given values. Returns how many there were. */
  removeMatching(labels: { readonly [label: string]: LabelValue }): number;
  /**
   * Calls `changed` whenever a snapshot would differ, even outside of `refresh`. Returns a function that removes it.
   * @internal
   */
  watch?(changed: () => void): () => void;
}

/**
 * A metric in a registry. Its `kind` says how it is read: `live` from its cells, `snapshot` by calling `snapshot()`.
 */
export type Registrable = (LiveFamily | SnapshotFamily) & RegisteredMetric;

const DEFAULT_REGISTRY = 'registry.v1';

/** The default registry of this copy of promark, if the copies in this context do not share one. */
let ownDefault: MetricRegistry | undefined;

/**
 * Returns the default registry, which all copies of promark in a process share. If `isOwn`, this copy gets one of its
 * own.
 */
export function defaultRegistry<R extends MetricRegistry>(make: () => R, isOwn = false): R {
  if (isOwn) ownDefault = make();
  return (ownDefault as R | undefined) ?? processWide(DEFAULT_REGISTRY, make);
}

/** Returns the default registry if it exists. Metrics look for it here, because they may not import the registry. */
export function currentDefaultRegistry(): MetricRegistry | undefined {
  return ownDefault ?? processWideIfMade(DEFAULT_REGISTRY);
}

/** The registries of metrics that name none: the default one. */
export function defaultRegistries(): readonly MetricRegistry[] {
  warnIfNotShared();
  const registry = currentDefaultRegistry();
  return registry === undefined ? [] : [registry];
}

let isGroupChecked = false;

/**
 * Warns if the environment names a group of processes, but a bundler has dropped the code that shares registries, as
 * from a program that only records.
 */
export function warnIfNotShared(): void {
  if (isGroupChecked) return;
  isGroupChecked = true;
  if (groupFolder() === undefined || processWideIfMade(SHARED_REGISTRIES) !== undefined) return;
  console.warn(
    `promark: The metrics of this process are not shared with other processes, although ${GROUP_FOLDER} is set: its bundle ` +
      'lacks the code for that. Call multiprocess() when the program starts, so that the bundler keeps it.',
  );
}

let unregisteredStore: Store | undefined;

/** Returns the store for the cells of a new metric: that of its first registry, else of the default one. */
export function storeOf(registries: readonly MetricRegistry[]): Store {
  const store = registries[0]?.store ?? currentDefaultRegistry()?.store;
  if (store !== undefined) return store;
  unregisteredStore ??= defaultStore();
  return unregisteredStore;
}

/** Registers a metric in all registries or, if one refuses it, in none. */
export function registerIn(registries: readonly MetricRegistry[], metric: Registrable): void {
  let registered = 0;
  try {
    for (; registered < registries.length; registered++) registries[registered].registerMetric(metric);
  } catch (error) {
    for (const registry of registries.slice(0, registered)) registry.removeSingleMetric(metric.name);
    throw error;
  }
}

/** A metric whose cells can be read in other threads or processes. */
export interface Described {
  /** Whether other threads of this process can read the cells. */
  readonly isShared: boolean;
  /** What other threads and processes need to read the cells. */
  readonly descriptor: FamilyDescriptor;
  /**
   * Writes the existing series to a log, step by step. Series may be added and removed between two steps; a log that
   * follows the metric from the first step on misses none.
   */
  describe(log: FamilyLog): Iterable<void>;
  /** Writes series that are added or removed from now on to a log. */
  follow(log: FamilyLog): void;
  unfollow(log: FamilyLog): void;
  /**
   * Lets readers of the logs see the current series until the returned function is called. Metrics of another copy of
   * promark may lack it.
   */
  beginUpdate?(): () => void;
}

/** Whether another thread can read a metric. Metrics of another copy of promark may be too old for that. */
export function isReadableElsewhere(metric: Registrable): metric is Registrable & Described {
  return 'describe' in metric && 'isShared' in metric && metric.isShared === true;
}
