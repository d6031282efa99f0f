import type { FamilyDescriptor } from '../model/descriptor.js';
import type { Faults } from '../model/faults.js';
import type { LabelValue } from '../model/labels.js';
import type { LiveFamily, SnapshotFamily } from '../model/live-family.js';
import { GROUP_FOLDER, processWide, processWideIfMade, SHARED_REGISTRIES } from '../model/process-wide.js';
import type { Aggregator } from '../promclient/metric-object.js';
import type { FamilyLog } from '../store/row-changes.js';
import { defaultStore, type Store } from '../store/store.js';
import type { NativePlan } from './native/native-options.js';

/** Some series of a page: those of a family, those with certain label values, or both. Default: all. */
export interface SeriesSelection {
  readonly family?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** What threads that have ended recorded. No one else can remove it any more. */
export interface EndedSeries {
  forget(selection: SeriesSelection): void;
}

/** What a metric needs from its registry. All copies of promark in a process share this interface. */
export interface MetricRegistry {
  /** Where cells of new families come from. */
  readonly store: Store;
  /** Maximum number of series of a family without a `maxSeries` of its own; 0: no limit. */
  readonly maxSeries: number;
  readonly faults: Faults;
  /** What threads that have ended recorded and pages show, if any. Registries of another copy of promark may not have it. */
  readonly ended?: EndedSeries | undefined;
  registerMetric(metric: Registrable): void;
  removeSingleMetric(name: string): void;
}

/** What a registry asks of each of its metrics besides reading it. */
interface RegisteredMetric {
  /**
   * Brings the values up to date. Called before every page, at most once at a time; may be async. Undefined if there is
   * nothing to do.
   * @internal
   */
  readonly refresh?: (() => void | Promise<void>) | undefined;
  readonly labelNames: readonly string[];
  /** How prom-client merges the metric over a cluster. Default: `sum`. */
  readonly aggregator?: Aggregator;
  /**
   * Whether it describes the process as a whole. Default: false.
   * @internal
   */
  readonly isOfProcess?: boolean;
  /** How the exponential buckets of a histogram are made; undefined if it has none. */
  readonly native?: NativePlan | undefined;
  /** Resets the metric to its initial state. */
  reset(): void;
  /** Removes every series whose labels have all the given values. Returns how many there were. */
  removeMatching(labels: { readonly [label: string]: LabelValue }): number;
  /**
   * Calls back whenever a snapshot would differ, even outside of `refresh`. Returns a function that ends it.
   * @internal
   */
  watch?(changed: () => void): () => void;
}

/**
 * A metric as a registry keeps it. Its `kind` says how it is read: `live` where its cells lie, `snapshot` by asking for
 * one.
 */
export type Registrable = (LiveFamily | SnapshotFamily) & RegisteredMetric;

const DEFAULT_REGISTRY = 'registry.v1';

/** The default registry of this copy of promark, if the copies in this context do not share one. */
let own: MetricRegistry | undefined;

/**
 * The registry that metrics go to when they name none, shared by all copies of promark in a process. If it `isOwn`, this copy
 * gets one of its own.
 */
export function defaultRegistry<R extends MetricRegistry>(make: () => R, isOwn = false): R {
  if (isOwn) own = make();
  return (own as R | undefined) ?? processWide(DEFAULT_REGISTRY, make);
}

/** Returns the default registry if it exists. Metrics look for it here, because they may not import the registry. */
export function currentDefaultRegistry(): MetricRegistry | undefined {
  return own ?? processWideIfMade(DEFAULT_REGISTRY);
}

/** The registry of metrics that name none. */
export function defaultRegistries(): readonly MetricRegistry[] {
  warnIfNotShared();
  const registry = currentDefaultRegistry();
  return registry === undefined ? [] : [registry];
}

let isGroupChecked = false;

/**
 * Warns if the environment names a group of processes, and a bundler has dropped the code that shares registries with one, as
 * from a program that only records.
 */
export function warnIfNotShared(): void {
  if (isGroupChecked) return;
  isGroupChecked = true;
  if (!process.env[GROUP_FOLDER] || processWideIfMade(SHARED_REGISTRIES) !== undefined) return;
  console.warn(
    `promark: The metrics of this process are not shared with other processes, although ${GROUP_FOLDER} is set: its bundle ` +
      'lacks the code for that. Call multiprocess() when the program starts, so that the bundler keeps it.',
  );
}

let unregisteredStore: Store | undefined;

/** Where the cells of a new metric come from: the first of its registries, else the default one. */
export function storeOf(registries: readonly MetricRegistry[]): Store {
  const store = registries[0]?.store ?? currentDefaultRegistry()?.store;
  if (store !== undefined) return store;
  unregisteredStore ??= defaultStore();
  return unregisteredStore;
}

/** Registers a metric in all of these registries or, if one refuses it, in none. */
export function registerIn(registries: readonly MetricRegistry[], metric: Registrable): void {
  let registered = 0;
  try {
    for (; registered < registries.length; registered++) registries[registered].registerMetric(metric);
  } catch (error) {
    for (const registry of registries.slice(0, registered)) registry.removeSingleMetric(metric.name);
    throw error;
  }
}

/** A metric whose cells can be read elsewhere, without calling it. */
export interface Described {
  /** Whether other threads of this process can read the cells. */
  readonly isShared: boolean;
  /** What readers elsewhere need to read the cells. */
  readonly descriptor: FamilyDescriptor;
  /**
   * Writes the existing series to a log, step by step. Series may come and go between two steps; a log that follows from
   * the first step on misses none.
   */
  describe(log: FamilyLog): Iterable<void>;
  /** From now on writes to a log what is added and removed. */
  follow(log: FamilyLog): void;
  unfollow(log: FamilyLog): void;
  /**
   * Keeps readers elsewhere at the series that there are until the returned function is called. Metrics of another copy of
   * promark may not have it.
   */
  beginUpdate?(): () => void;
}

/** Whether another thread can read a metric. Metrics of another copy of promark may be too old for that. */
export function isReadableElsewhere(metric: Registrable): metric is Registrable & Described {
  return 'describe' in metric && 'isShared' in metric && metric.isShared === true;
}
