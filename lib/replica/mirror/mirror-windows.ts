import { adoptSketch, type Sketch } from '../../metrics/sketch/sketch.js';
import { slicesOf, type WindowPlan, type WindowSlice } from '../../metrics/sketch/window.js';
import type { CellLayout } from '../../model/descriptor.js';
import type { CellRange } from '../../store/store.js';

/** The windows of a summary's series, assembled from the cells that the journal describes. */
export class MirrorWindows {
  private readonly windows = new Map<number, (Sketch | undefined)[]>();
  private readonly plan: WindowPlan;

  constructor(
    { maxAgeSeconds = Infinity, ageBuckets }: Extract<CellLayout, { kind: 'quantiles' }>,
    private readonly now: () => number,
  ) {
    this.plan = { maxAgeSeconds, ageBuckets };
  }

  /** The sketches of the slices that a row's window covers now. */
  recent(row: number): readonly Sketch[] {
    // The other thread clears old slices when it next checks its clock, and may be too busy to do so.
    const { maxAgeSeconds, ageBuckets } = this.plan;
    const sliceMs = (maxAgeSeconds * 1000) / ageBuckets;
    const oldest = Number.isFinite(sliceMs) ? Math.floor(this.now() / sliceMs) - ageBuckets + 1 : 0;
    const sketches = (this.windows.get(row) ?? []).filter((sketch) => sketch !== undefined);
    return sketches.filter((sketch) => sketch.slice >= oldest);
  }

  /** The slices of these sketches. */
  slices(row: number): readonly WindowSlice[] {
    return slicesOf(this.recent(row), this.plan, this.now());
  }

  /** Adds the cells of a sketch. The key is its position in the window, followed by the sketch's own key. */
  part(row: number, [position, ...key]: readonly number[], range: CellRange): void {
    let window = this.windows.get(row);
    if (window === undefined) {
      window = [];
      this.windows.set(row, window);
    }
    window[position] = adoptSketch(window[position], key, range);
  }

  drop(row: number): void {
    this.windows.delete(row);
  }
}
