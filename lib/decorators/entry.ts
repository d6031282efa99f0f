import type { Recorder } from '../calls/measure.js';
import type { Recordable } from './series.js';
import type { SeriesTree } from './series-tree.js';

/**
 * One recorder for each series, for marks that record when a call begins: the series is settled then, and what is
 * recorded at the end meets the same one whatever has happened in between.
 */
export class EntryRecorders<C extends Recordable> {
  private readonly recorders = new WeakMap<C, Recorder>();
  private last: { readonly series: C; readonly recorder: Recorder } | undefined;

  constructor(
    private readonly tree: SeriesTree<C>,
    private readonly make: (series: C) => Recorder,
  ) {}

  /** The recorder for a call that begins. */
  at(self: unknown, args: readonly unknown[] | undefined): Recorder {
    const { tree, last } = this;
    const series = (tree.only ?? tree.at(self, args, 'ok', undefined)).usual();
    return last?.series === series ? last.recorder : this.find(series);
  }

  /** Makes the series of a mark without free labels. */
  begin(): void {
    this.tree.only?.usual();
  }

  private find(series: C): Recorder {
    const recorder = this.recorders.get(series) ?? this.make(series);
    this.recorders.set(series, recorder);
    this.last = { series, recorder };
    return recorder;
  }
}
