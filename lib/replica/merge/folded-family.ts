import { ExemplarStore } from '../../metrics/exemplars.js';
import { NativeLayout } from '../../metrics/layout/native.js';
import { DescribedFamily, type MergeableFamily } from '../../metrics/mergeable-family.js';
import type { SeriesSelection } from '../../metrics/metric-registry.js';
import { adoptSketch, Sketch } from '../../metrics/sketch/sketch.js';
import type { WindowPlan, WindowSlice } from '../../metrics/sketch/window.js';
import { COMBINES } from '../../model/aggregation.js';
import {
  type Combination,
  combinationOf,
  isLater,
  mergedLabelNames,
  type SetTime,
  sourceLabelsOn,
} from '../../model/combination.js';
import type { FamilyDescriptor } from '../../model/descriptor.js';
import type { Exemplar } from '../../model/exemplar.js';
import { TYPE_RULES } from '../../model/family-types.js';
import { GroupReading } from '../../model/live-family.js';
import { type MethodRegistration, RegistrationList, registrationsOf } from '../../model/method-registrations.js';
import { type NativeHistogram, NativeReading } from '../../model/native-histogram.js';
import { readSeries } from '../../model/read-series.js';
import { HeapStore, type Store } from '../../store/store.js';
import { MergedRows } from './merged-rows.js';

/** Maximum number of series of ended sources that keep their source's labels; the oldest are dropped first. */
export const MAX_PER_SOURCE = 1000;

/** A series of ended sources, as plain data. */
export interface FoldedSeries {
  readonly labelValues: readonly string[];
  readonly createdAt: number;
  /** The values of its lines; -0 if never set. */
  readonly values: readonly number[];
  readonly setTime: SetTime;
  readonly exemplars: readonly (readonly [line: number, exemplar: Exemplar])[];
  readonly native?: NativeHistogram | undefined;
  readonly slices: readonly FoldedSlice[];
}

/** The time window of a summary, as in its descriptor. */
type FoldedWindow = Pick<WindowPlan, 'ageBuckets'> & { readonly maxAgeSeconds?: number | undefined };

/** A sketch, as its cells. */
export interface FoldedSlice {
  readonly expiresAt: number;
  readonly parts: readonly (readonly [key: readonly number[], cells: Float64Array])[];
}

/** A family with the values of ended sources. It only changes when another source is folded in. */
export class FoldedFamily extends DescribedFamily implements MergeableFamily {
  private readonly rows: MergedRows;
  private readonly combination: Combination;
  /** The values of each row's lines; undefined if the row holds no series. */
  private readonly values: (readonly number[] | undefined)[] = [];
  private readonly starts: number[] = [];
  private readonly times: SetTime[] = [];
  private readonly exemplars = new ExemplarStore();
  private readonly natives: (NativeReading | undefined)[] = [];
  private readonly windows: (Map<number, WindowSlice> | undefined)[] = [];
  private readonly nativeLayout: NativeLayout | undefined;
  /** Rows in order of arrival, for a gauge that shows each source separately. */
  private readonly arrivals = new Set<number>();
  private readonly methods = new RegistrationList();
  private readonly store = new HeapStore();
  private readonly window: FoldedWindow = { ageBuckets: 1 };

  /** @param sourceLabels Names of the labels that distinguish sources, for gauges that show each source separately. */
  constructor(descriptor: FamilyDescriptor, sourceLabels: readonly string[]) {
    super(descriptor, mergedLabelNames(descriptor, sourceLabels));
    const { groupRows, layout, maxSeries = 0 } = descriptor;
    this.combination = combinationOf(descriptor);
    this.rows = new MergedRows(this.labelNames.length, groupRows, this.combination.perSource ? 0 : maxSeries);
    if (layout.kind === 'buckets' && layout.native !== undefined) this.nativeLayout = new NativeLayout(layout.native);
    if (layout.kind === 'quantiles') this.window = layout;
  }

  /**
   * Adds all series of a family with the same definition except the `forgotten` ones; `sourceLabels` are those of its
   * source. Series that a page shows keep their labels even if the family is full: if they moved to the overflow series
   * now, their values would decrease.
   */
  fold(
    family: MergeableFamily,
    sourceLabels: Readonly<Record<string, string>>,
    isShown?: (values: readonly string[]) => boolean,
    forgotten: readonly SeriesSelection[] = [],
  ): void {
    for (const series of seriesOf(family, this.labelNames, sourceLabels)) {
      if (!forgotten.some((selection) => this.selects(selection, series.labelValues))) this.add(series, isShown);
    }
    this.addMethods(registrationsOf(family));
  }

  /** Adds methods that record in the family. */
  addMethods(methods: readonly MethodRegistration[]): void {
    methods.forEach(this.methods.update);
    this.methods.attachTo(this);
  }

  /** Adds one series. */
  add(series: FoldedSeries, isShown?: (values: readonly string[]) => boolean): void {
    const row = this.rows.link(series.labelValues, isShown);
    if (this.values[row] !== undefined) this.rows.unlink(row);
    else this.begin(row);
    this.addValues(row, series);
    this.starts[row] = Math.min(this.starts[row], series.createdAt);
    for (const [line, exemplar] of series.exemplars) {
      const newest = this.exemplars.get(row, line)?.timestamp ?? 0;
      if ((exemplar.timestamp ?? 0) >= newest) this.exemplars.put(row, line, exemplar);
    }
    if (series.native !== undefined) this.addNative(row, series.native);
    for (const slice of series.slices) this.addSlice(row, slice);
    const [oldest] = this.arrivals;
    if (this.arrivals.size > MAX_PER_SOURCE) this.drop(oldest);
  }

  /** Removes the selected series. Returns whether any are left. */
  forget(selection: SeriesSelection): boolean {
    for (let row = 0; row < this.rowCount; row++) {
      const values = this.rows.valuesOf(row);
      if (values !== undefined && this.selects(selection, values)) this.drop(row);
    }
    return this.rows.liveCount > 0;
  }

  /** Returns all series, to be added to a family in another thread or process. */
  series(): FoldedSeries[] {
    return seriesOf(this, this.labelNames, {});
  }

  get rowCount(): number {
    return this.rows.rowCount;
  }

  get revision(): number {
    return this.rows.revision;
  }

  groupVersion(group: number): number {
    return this.rows.groupVersion(group);
  }

  readGroup(group: number, into: GroupReading): void {
    const from = group * this.groupRows;
    into.begin(from, Math.min(from + this.groupRows, this.rowCount), this.shape.length);
    into.version = this.groupVersion(group);
    into.readNative = into.withNative && this.nativeLayout !== undefined ? this.readNative : undefined;
    for (let row = from; row < into.to; row++) {
      if (!this.rows.isLive(row)) continue;
      for (const value of this.values[row] ?? []) into.values[into.length++] = value;
    }
  }

  labelValues(row: number): readonly string[] | undefined {
    return this.rows.valuesOf(row);
  }

  createdAt(row: number): number {
    return this.starts[row];
  }

  exemplar(row: number, line: number): Exemplar | undefined {
    return this.exemplars.get(row, line);
  }

  isSet(row: number): boolean {
    return !Object.is(this.values[row]?.[0], -0);
  }

  lastSetAt(row: number): number {
    return this.times[row].at;
  }

  lastSetTick(row: number): number {
    return this.times[row].tick;
  }

  windowOf(row: number): readonly WindowSlice[] {
    const now = Date.now();
    return [...(this.windows[row]?.values() ?? [])].filter(({ expiresAt }) => expiresAt > now);
  }

  private readonly readNative = (row: number, into = new NativeReading()): NativeReading => {
    const native = this.natives[row];
    if (native !== undefined) into.copy(native);
    else this.nativeLayout?.blank(into);
    return into;
  };

  private begin(row: number): void {
    this.starts[row] = Infinity;
    this.times[row] = { at: 0, tick: 0 };
    if (this.combination.perSource) this.arrivals.add(row);
  }

  private drop(row: number): void {
    this.arrivals.delete(row);
    this.rows.unlink(row);
    this.values[row] = undefined;
    this.natives[row] = undefined;
    this.windows[row] = undefined;
    this.exemplars.drop(row);
  }

  private selects(selection: SeriesSelection, values: readonly string[]): boolean {
    return covers(selection, this.name, (label) => values[this.labelNames.indexOf(label)]);
  }

  private addValues(row: number, { values, setTime }: FoldedSeries): void {
    const { by } = this.combination;
    const known = this.values[row];
    const { valuesAreSet } = TYPE_RULES[this.type];
    if (known === undefined || (valuesAreSet && Object.is(known[0], -0))) this.values[row] = [...values];
    else if (valuesAreSet && Object.is(values[0], -0)) return;
    else if (by !== 'mostrecent') this.values[row] = known.map((value, line) => COMBINES[by](value, values[line]));
    else if (isLater(setTime, this.times[row])) this.values[row] = [...values];
    if (isLater(setTime, this.times[row])) this.times[row] = setTime;
  }

  private addNative(row: number, histogram: NativeHistogram): void {
    const native = new NativeReading();
    native.load(histogram);
    const known = this.natives[row];
    if (known === undefined) this.natives[row] = native;
    else this.nativeLayout?.merge(known, native);
  }

  /**
   * Merges slices that expire at about the same time, so that their number does not grow with the number of sources.
   */
  private addSlice(row: number, folded: FoldedSlice): void {
    const { expiresAt } = folded;
    const now = Date.now();
    if (expiresAt <= now) return;
    this.windows[row] ??= new Map();
    const window = this.windows[row];
    for (const [slot, slice] of window) if (slice.expiresAt <= now) window.delete(slot);
    const slot = slotOf(expiresAt, this.window);
    const known = window.get(slot);
    const sketch = sketchOf(folded, this.store, known?.sketch);
    window.set(slot, { sketch, expiresAt: Math.max(known?.expiresAt ?? 0, expiresAt) });
  }
}

/** Whether a selection covers a series. */
export function covers(
  { family, labels = {} }: SeriesSelection,
  name: string,
  labelValue: (label: string) => string | undefined,
): boolean {
  if (family !== undefined && family !== name) return false;
  return Object.entries(labels).every(([label, value]) => labelValue(label) === value);
}

/**
 * Returns the number, counted from the epoch, of the slice that expires at about this time. It is rounded because
 * clocks differ by milliseconds, so that a slice keeps its number when it is folded again.
 */
export function slotOf(expiresAt: number, { maxAgeSeconds = Infinity, ageBuckets }: FoldedWindow): number {
  return Number.isFinite(expiresAt) ? Math.round((expiresAt * ageBuckets) / (maxAgeSeconds * 1000)) : 0;
}

/** Returns a sketch with the contents of a slice, or adds them to `into`. */
export function sketchOf({ parts }: FoldedSlice, store: Store, into: Sketch = new Sketch(store)): Sketch {
  let sketch: Sketch | undefined;
  for (const [key, cells] of parts) sketch = adoptSketch(sketch, key, { cells, index: 0 });
  if (sketch !== undefined) into.addAll(sketch);
  return into;
}

/** The series of a family with the given labels, in that order; labels the family lacks come from its source. */
function seriesOf(
  family: MergeableFamily,
  labelNames: readonly string[],
  sourceLabels: Readonly<Record<string, string>>,
): FoldedSeries[] {
  const reading = new GroupReading(true);
  const native = new NativeReading();
  const lines = family.shape.length;
  const positions = labelNames.map((label) => family.labelNames.indexOf(label));
  const ownLabels = sourceLabelsOn(sourceLabels, family.descriptor.labelNames);
  const { valuesAreSet } = TYPE_RULES[family.type];
  const all: FoldedSeries[] = [];
  readSeries(family, reading, (row, sourceValues, at) => {
    const values = Array.from(reading.values.subarray(at, at + lines));
    reading.readNative?.(row, native);
    const exemplars = values.flatMap((_, line) => {
      const exemplar = family.exemplar(row, line);
      return exemplar === undefined ? [] : [[line, exemplar] as const];
    });
    all.push({
      labelValues: positions.map((position, i) =>
        position < 0 ? (ownLabels[labelNames[i]] ?? '') : sourceValues[position],
      ),
      createdAt: family.createdAt(row),
      values: valuesAreSet && !family.isSet(row) ? values.map(() => -0) : values,
      setTime: { at: family.lastSetAt(row), tick: family.lastSetTick?.(row) ?? 0 },
      exemplars,
      native: reading.readNative && native.toHistogram(),
      slices: family.windowOf(row).map(sliceOf),
    });
  });
  return all;
}

function sliceOf({ sketch, expiresAt }: WindowSlice): FoldedSlice {
  const parts: [readonly number[], Float64Array][] = [];
  sketch.visitParts((key, { cells, index }, length) => parts.push([key, cells.slice(index, index + length)]));
  return { expiresAt, parts };
}
