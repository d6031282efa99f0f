import { EPOCH, HALVED, NATIVE_HEAD, NEGATIVE, POSITIVE, STRAYS, WIDENED, ZEROS } from '../metrics/layout/native.js';
import type { MergeableFamily } from '../metrics/mergeable-family.js';
import { OVERFLOW } from '../metrics/series-table.js';
import { Pages } from '../metrics/sketch/pages.js';
import { Sketch } from '../metrics/sketch/sketch.js';
import { addNative } from '../model/add-native.js';
import type { FamilyDescriptor } from '../model/descriptor.js';
import type { Exemplar } from '../model/exemplar.js';
import { GroupReading } from '../model/live-family.js';
import { type NativeHistogram, NativeReading } from '../model/native-histogram.js';
import type { Combination } from '../replica/merge/combine.js';
import type { FamilyLog } from '../store/row-changes.js';
import type { Store } from '../store/store.js';

/** A family of processes that have ended. */
export interface FoldedDescriptor extends FamilyDescriptor {
  /** The labels of the process, if each has series of its own. */
  readonly source?: Readonly<Record<string, string>>;
}

/** What several processes counted on one series. */
interface FoldedSeries {
  readonly values: readonly string[];
  createdAt: number;
  /** The lines of the page. */
  readonly lines: Float64Array;
  /** Whether a gauge was ever set. */
  isSet: boolean;
  lastSetAt: number;
  native: NativeHistogram | undefined;
  /** Sketches of a summary by the slice of time that they hold. */
  readonly slices: Map<number, Sketch>;
  readonly exemplars: Map<number, Exemplar>;
}

/** A family as processes that have ended leave it behind, made of theirs one by one. */
export class FoldedFamily {
  private readonly series = new Map<string, FoldedSeries>();
  private readonly reading: GroupReading;

  constructor(
    readonly descriptor: FoldedDescriptor,
    private readonly by: Combination['by'],
    /** Where cells lie until they are written. */
    private readonly store: Store,
  ) {
    const { layout } = descriptor;
    this.reading = new GroupReading(layout.kind === 'buckets' && layout.native !== undefined);
  }

  get seriesCount(): number {
    return this.series.size;
  }

  /** Adds what one process counted. */
  add(family: MergeableFamily): void {
    const { reading } = this;
    const lines = this.descriptor.shape.length;
    for (let group = 0; group * family.groupRows < family.rowCount; group++) {
      family.readGroup(group, reading);
      let at = 0;
      for (let row = reading.from; row < reading.to; row++) {
        const values = family.labelValues(row);
        if (values === undefined) continue;
        this.addSeries(family, row, values, reading.values.subarray(at, at + lines));
        at += lines;
      }
    }
  }

  /** Describes the family to a log: cells, series and what belongs to them. */
  describe(log: FamilyLog): void {
    const { width } = this.descriptor;
    const all = [...this.series.values()];
    if (all.length === 0) return;
    const { cells, index } = this.store.allocate(all.length * width);
    for (const [row, series] of all.entries()) this.writeCells(series, cells, index + row * width);
    log.block(0, all.length, { cells, index });
    all.forEach((series, row) => {
      log.series(row, series.createdAt, series.values);
      this.describeParts(series, row, log);
      for (const [line, exemplar] of series.exemplars) log.exemplar(row, line, exemplar);
    });
  }

  private addSeries(family: MergeableFamily, row: number, values: readonly string[], lines: Float64Array): void {
    const series = this.seriesOf(values, family.createdAt(row));
    const isSet = family.isSet(row);
    if (isSet) this.combine(series, lines, family.lastSetAt(row));
    series.isSet ||= isSet;
    series.createdAt = Math.min(series.createdAt, family.createdAt(row));
    if (this.reading.readNative !== undefined) {
      const native = new NativeReading();
      this.reading.readNative(row, native);
      const histogram = native.toHistogram();
      series.native = series.native === undefined ? histogram : addNative(series.native, histogram);
    }
    this.addWindow(series, family, row);
    for (let line = 0; line < lines.length; line++) {
      const exemplar = family.exemplar(row, line);
      const known = series.exemplars.get(line);
      if (exemplar === undefined || (known?.timestamp ?? 0) > (exemplar.timestamp ?? 0)) continue;
      series.exemplars.set(line, exemplar);
    }
  }

  private seriesOf(values: readonly string[], createdAt: number): FoldedSeries {
    const { maxSeries = 0, shape } = this.descriptor;
    let key = JSON.stringify(values);
    const known = this.series.get(key);
    if (known !== undefined) return known;
    const isFull = maxSeries > 0 && this.series.size >= maxSeries;
    const kept = isFull ? values.map(() => OVERFLOW) : values;
    if (isFull) key = JSON.stringify(kept);
    const series = this.series.get(key) ?? {
      values: kept,
      createdAt,
      lines: new Float64Array(shape.length),
      isSet: false,
      lastSetAt: 0,
      native: undefined,
      slices: new Map(),
      exemplars: new Map(),
    };
    this.series.set(key, series);
    return series;
  }

  private combine(series: FoldedSeries, lines: Float64Array, lastSetAt: number): void {
    const { by } = this;
    const first = !series.isSet;
    for (let i = 0; i < lines.length; i++) {
      const known = series.lines[i];
      if (first) series.lines[i] = lines[i];
      else if (by === 'min') series.lines[i] = Math.min(known, lines[i]);
      else if (by === 'max') series.lines[i] = Math.max(known, lines[i]);
      else if (by === 'mostrecent') series.lines[i] = lastSetAt >= series.lastSetAt ? lines[i] : known;
      else if (by !== 'first') series.lines[i] = known + lines[i];
    }
    series.lastSetAt = Math.max(series.lastSetAt, lastSetAt);
  }

  private addWindow(series: FoldedSeries, family: MergeableFamily, row: number): void {
    const { layout } = this.descriptor;
    if (layout.kind !== 'quantiles') return;
    const sliceMs = ((layout.maxAgeSeconds ?? Infinity) * 1000) / layout.ageBuckets;
    for (const { sketch, expiresAt } of family.windowOf(row)) {
      // On a clock that begins with the epoch, which accumulators have.
      const slice = Number.isFinite(expiresAt) ? Math.floor(expiresAt / sliceMs) - layout.ageBuckets : 0;
      const known = series.slices.get(slice) ?? new Sketch(this.store);
      known.slice = slice;
      known.addAll(sketch);
      series.slices.set(slice, known);
    }
  }

  private writeCells(series: FoldedSeries, cells: Float64Array, at: number): void {
    const { layout, shape, width } = this.descriptor;
    const { lines, native } = series;
    if (layout.kind === 'cells') {
      cells.set(lines, at);
      if (!series.isSet) cells.fill(-0, at, at + lines.length);
      if (width > shape.length) cells[at + shape.length] = series.lastSetAt;
    } else if (layout.kind === 'buckets') {
      const buckets = lines.length - 2;
      for (let i = 0; i < buckets; i++) cells[at + i] = lines[i] - (i === 0 ? 0 : lines[i - 1]);
      cells[at + buckets] = lines[buckets];
      if (native !== undefined && layout.native !== undefined)
        writeHead(native, layout.native, cells, at + buckets + 1);
    } else cells.set(lines.subarray(lines.length - 2), at);
  }

  private describeParts({ native, slices }: FoldedSeries, row: number, log: FamilyLog): void {
    const { layout } = this.descriptor;
    if (native !== undefined) {
      for (const [sign, buckets] of [[POSITIVE, native.positive] as const, [NEGATIVE, native.negative] as const]) {
        const pages = new Pages(this.store, native.schema);
        for (const { index, count } of buckets) pages.set(index, count);
        pages.forEachPage((number, page) => log.part(row, [0, sign, number], page));
      }
    }
    if (layout.kind !== 'quantiles') return;
    // The newest slices: the others have left the window.
    const newest = [...slices].sort(([a], [b]) => b - a).slice(0, layout.ageBuckets);
    for (const [slice, sketch] of newest) {
      sketch.describe((key, run) => log.part(row, [slice % layout.ageBuckets, ...key], run));
    }
  }
}

function writeHead(
  native: NativeHistogram,
  plan: { readonly schema: number; readonly zeroThreshold: number },
  cells: Float64Array,
  head: number,
): void {
  cells.fill(0, head, head + NATIVE_HEAD);
  const counted = [...native.positive, ...native.negative].reduce((sum, { count }) => sum + count, native.zeroCount);
  cells[head + ZEROS] = native.zeroCount;
  cells[head + STRAYS] = native.count - counted;
  cells[head + WIDENED] = native.zeroThreshold === plan.zeroThreshold ? 0 : native.zeroThreshold;
  cells[head + HALVED] = plan.schema - native.schema;
  cells[head + EPOCH] = 0;
}
