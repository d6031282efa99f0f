import type { Recorder, RecorderLookup } from '../calls/measure.js';
import { seenCall } from './reading.js';
import type { RecorderKit } from './recorder.js';
import type { Recordable, Series } from './series.js';
import type { Node } from './series-tree.js';

/**
 * One recorder for each series, for marks that record when a call begins: the series is settled then, and what is
 * recorded at the end meets the same one whatever has happened in between.
 */
export class EntryDesk<C extends Recordable> implements RecorderLookup {
  readonly root: Node<C>;
  private readonly recorders = new WeakMap<C, Recorder>();
  private last: { readonly series: C; readonly recorder: Recorder } | undefined;

  constructor(
    private readonly kit: RecorderKit<C>,
    private readonly make: (series: C) => Recorder,
  ) {
    this.root = kit.tree.root;
  }

  descend(spot: Node<C>, free: number, value: unknown): Node<C> {
    return this.kit.tree.step(spot, free, value);
  }

  /** The recorder for a call that begins. What asks for the whole call sees it without result and error. */
  recorder(spot: Node<C> = this.root, self?: unknown, args?: readonly unknown[]): Recorder {
    const { tree, wholeCall } = this.kit;
    const found = wholeCall ? tree.finish(spot, seenCall(self, args, 'ok', undefined)) : (spot as Series<C>);
    const series = found.usual();
    return this.last?.series === series ? this.last.recorder : this.find(series);
  }

  fault(error: unknown): void {
    this.kit.tell(error);
  }

  /** Makes the series of a mark without free labels. */
  begin(): void {
    this.kit.tree.only?.usual();
  }

  private find(series: C): Recorder {
    const recorder = this.recorders.get(series) ?? this.make(series);
    this.recorders.set(series, recorder);
    this.last = { series, recorder };
    return recorder;
  }
}
