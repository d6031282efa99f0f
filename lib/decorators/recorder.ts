import type { Ending } from '../calls/ending.js';
import type { Recorder } from '../calls/measure.js';
import { type SeenCall, seenCall } from './reading.js';
import type { Recordable } from './series.js';
import type { SeriesTree } from './series-tree.js';

/** What all recorders of one mark in one registry have in common. */
export interface RecorderKit<C extends Recordable> {
  readonly tree: SeriesTree<C>;
  readonly classify: ((call: SeenCall) => unknown) | undefined;
  readonly tell: (error: unknown) => void;
}

/** Records when a call has ended, on the series for how it ended. */
export abstract class EndRecorder<C extends Recordable> implements Recorder {
  constructor(protected readonly kit: RecorderKit<C>) {}

  enter(): number {
    return 0;
  }

  pause(_mark: number): void {}

  resume(): number {
    return this.enter();
  }

  leave(mark: number, ending: Ending, outcome: unknown, self?: unknown, args?: readonly unknown[]): void {
    const amount = this.amount(mark);
    const { tree, classify } = this.kit;
    const judged = classify === undefined ? ending : this.judge(classify, ending, outcome, self, args);
    const failed = ending !== 'ok' && (ending === 'error' || outcome !== undefined);
    if (!this.concerns(judged, failed, outcome)) return;
    const series = tree.only ?? tree.at(self, args, ending, outcome);
    this.record(series.of(judged, failed, outcome), amount);
  }

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

  /** What is recorded of a call that `enter` gave this mark. */
  protected abstract amount(mark: number): number;

  /** Whether a call that ended so is recorded at all. */
  protected concerns(_ending: Ending, _failed: boolean, _failure: unknown): boolean {
    return true;
  }

  protected abstract record(series: C, amount: number): void;

  private judge(
    classify: (call: SeenCall) => unknown,
    ending: Ending,
    outcome: unknown,
    self: unknown,
    args: readonly unknown[] | undefined,
  ): Ending {
    try {
      const judged = classify(seenCall(self, args, ending, outcome));
      return judged === 'ok' || judged === 'error' || judged === 'cancelled' ? judged : ending;
    } catch (fault) {
      this.kit.tell(fault);
      return ending;
    }
  }
}
