import type { Ending } from '../calls/ending.js';
import type { Recorder, RecorderLookup } from '../calls/measure.js';
import { type SeenCall, seenCall } from './reading.js';
import type { Recordable, RecordableFamily, Series } from './series.js';
import type { Node, SeriesTree } from './series-tree.js';

/** What all recorders of one mark in one registry have in common. */
export interface RecorderKit<C extends Recordable> {
  readonly family: RecordableFamily<C>;
  readonly tree: SeriesTree<C>;
  /** Whether more has to be known of a call than its arguments. */
  readonly wholeCall: boolean;
  readonly classify: ((call: SeenCall) => unknown) | undefined;
  readonly tell: (error: unknown) => void;
}

/** Records when a call has ended, on the series for how it ended. */
export abstract class EndRecorder<C extends Recordable> implements Recorder, RecorderLookup {
  readonly root: Node<C>;
  private readonly single: Series<C> | undefined;
  /** Whether success needs no second look. */
  private readonly plainOk: boolean;

  constructor(
    protected readonly kit: RecorderKit<C>,
    recordsOk = true,
  ) {
    this.root = kit.tree.root;
    this.single = kit.tree.only;
    this.plainOk = recordsOk && !kit.wholeCall;
  }

  descend(spot: Node<C>, free: number, value: unknown): Node<C> {
    return this.kit.tree.step(spot, free, value);
  }

  recorder(): Recorder {
    return this;
  }

  enter(): number {
    return 0;
  }

  pause(_mark: number): void {}

  resume(): number {
    return this.enter();
  }

  abstract leave(
    mark: number,
    ending: Ending,
    outcome: unknown,
    spot?: Node<C>,
    self?: unknown,
    args?: readonly unknown[],
  ): void;

  /** Makes the series that are known before any call. */
  begin(): void {
    const series = this.kit.tree.only;
    for (const ending of ['ok', 'error'] as const) {
      // Which errors there will be is not known; with a label for them, only success is.
      if (this.concerns(ending, ending === 'error', undefined)) series?.known(ending);
    }
  }

  fault(error: unknown): void {
    this.kit.tell(error);
  }

  /** The series of a call that has ended; undefined where such a call is not recorded. */
  protected seriesOf(
    ending: Ending,
    outcome: unknown,
    spot: Node<C> | undefined,
    self: unknown,
    args: readonly unknown[] | undefined,
  ): C | undefined {
    // The usual case takes the short way: it is small enough for the compiler to make one piece of it and the wrapper.
    if (ending === 'ok' && this.plainOk) return (this.single ?? (spot as Series<C>)).usual();
    return this.seriesOfOther(ending, outcome, this.single ?? (spot as Node<C>), self, args);
  }

  /** Whether a call that ended so is recorded at all. */
  protected concerns(_ending: Ending, _failed: boolean, _failure: unknown): boolean {
    return true;
  }

  private seriesOfOther(
    ending: Ending,
    outcome: unknown,
    spot: Node<C>,
    self: unknown,
    args: readonly unknown[] | undefined,
  ): C | undefined {
    if (this.kit.wholeCall) return this.seriesOfCall(seenCall(self, args, ending, outcome), ending, outcome, spot);
    const failed = isFailure(ending, outcome);
    return this.concerns(ending, failed, outcome) ? (spot as Series<C>).of(ending, failed, outcome) : undefined;
  }

  private seriesOfCall(call: SeenCall, ending: Ending, outcome: unknown, spot: Node<C>): C | undefined {
    const failed = isFailure(ending, outcome);
    const judged = this.judge(call, ending);
    if (!this.concerns(judged, failed, outcome)) return undefined;
    return this.kit.tree.finish(spot, call).of(judged, failed, outcome);
  }

  private judge(call: SeenCall, ending: Ending): Ending {
    try {
      const judged = this.kit.classify?.(call);
      return judged === 'ok' || judged === 'error' || judged === 'cancelled' ? judged : ending;
    } catch (fault) {
      this.kit.tell(fault);
      return ending;
    }
  }
}

/** Whether something was thrown: of what a consumer broke off there is no error. */
function isFailure(ending: Ending, outcome: unknown): boolean {
  return ending === 'error' || (ending === 'cancelled' && outcome !== undefined);
}
