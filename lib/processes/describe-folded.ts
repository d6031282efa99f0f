import { EPOCH, HALVED, NANS, NEGATIVE, POSITIVE, WIDENED, ZEROS } from '../metrics/layout/native.js';
import { TICK, TIME } from '../metrics/layout/rows.js';
import { Pages } from '../metrics/sketch/pages.js';
import type { FamilyDescriptor } from '../model/descriptor.js';
import { NATIVE_HEAD, type NativeHistogram } from '../model/native-histogram.js';
import { type FoldedSeries, sketchOf, slotOf } from '../replica/merge/folded-family.js';
import type { FamilyLog } from '../store/row-changes.js';
import type { Store } from '../store/store.js';

/** Describes series of ended processes to a log, as a live family does: their cells, labels and parts. */
export function describeFolded(
  descriptor: FamilyDescriptor,
  all: readonly FoldedSeries[],
  /** Holds the cells until they are written. */
  store: Store,
  log: FamilyLog,
): void {
  if (all.length === 0) return;
  const { width } = descriptor;
  const { cells, index } = store.allocate(all.length * width);
  for (const [row, series] of all.entries()) writeCells(descriptor, series, cells, index + row * width);
  log.block(0, all.length, { cells, index });
  for (const [row, series] of all.entries()) {
    log.series(row, series.createdAt, series.labelValues);
    if (series.native !== undefined) describeBuckets(series.native, row, store, log);
    describeWindow(descriptor, series, row, store, log);
    for (const [line, exemplar] of series.exemplars) log.exemplar(row, line, exemplar);
  }
}

function writeCells(
  { layout, shape, width }: FamilyDescriptor,
  { values, setTime, native }: FoldedSeries,
  cells: Float64Array,
  at: number,
): void {
  if (layout.kind === 'cells') {
    cells.set(values, at);
    if (width > shape.length) cells[at + TIME] = setTime.at;
    if (width > shape.length + 1) cells[at + TICK] = setTime.tick;
  } else if (layout.kind === 'buckets') {
    const buckets = values.length - 2;
    for (let i = 0; i < buckets; i++) cells[at + i] = values[i] - (i === 0 ? 0 : values[i - 1]);
    cells[at + buckets] = values[buckets];
    if (native !== undefined && layout.native !== undefined) writeHead(native, layout.native, cells, at + buckets + 1);
  } else cells.set(values.slice(-2), at);
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
  cells[head + NANS] = native.count - counted;
  cells[head + WIDENED] = native.zeroThreshold === plan.zeroThreshold ? 0 : native.zeroThreshold;
  cells[head + HALVED] = plan.schema - native.schema;
  cells[head + EPOCH] = 0;
}

function describeBuckets(native: NativeHistogram, row: number, store: Store, log: FamilyLog): void {
  for (const [sign, buckets] of [[POSITIVE, native.positive] as const, [NEGATIVE, native.negative] as const]) {
    const pages = new Pages(store, native.schema);
    for (const { index, count } of buckets) pages.set(index, count);
    pages.forEachPage((number, page) => log.part(row, [0, sign, number], page));
  }
}

function describeWindow(
  { layout }: FamilyDescriptor,
  { slices }: FoldedSeries,
  row: number,
  store: Store,
  log: FamilyLog,
): void {
  if (layout.kind !== 'quantiles') return;
  // Only the newest slices: the window has no room for an additional one that is about to expire.
  const newest = [...slices].sort((a, b) => b.expiresAt - a.expiresAt).slice(0, layout.ageBuckets);
  for (const folded of newest) {
    const sketch = sketchOf(folded, store);
    // On a clock that starts at the epoch, as in accumulators.
    sketch.slice = Number.isFinite(folded.expiresAt) ? slotOf(folded.expiresAt, layout) - layout.ageBuckets : 0;
    sketch.describe((key, run) => log.part(row, [sketch.slice % layout.ageBuckets, ...key], run));
  }
}
