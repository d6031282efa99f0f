import type { Ending } from '../calls/ending.js';
import type { Recorder, RecorderLookup } from '../calls/recorder.js';
import { type ExemplarLabels, hasExemplarSource } from '../metrics/exemplars.js';
import { withExemplar } from '../metrics/method-decorators.js';
import { handled, type SeenCall, seenCall } from './label-plan.js';
import type { LabelTrie, OutcomeSeries, Recordable, RecordableFamily, TrieNode } from './label-trie.js';

/** Shared by all recorders of one decorated method in one registry. */
export interface RecorderKit<C extends Recordable> {
  readonly family: RecordableFamily<C>;
  readonly trie: LabelTrie<C>;
  /** Whether recording needs the whole call, not only its arguments. */
  readonly wholeCall: boolean;
  readonly classify: ((call: SeenCall) => unknown) | undefined;
  /**
   * Whether the series of all outcomes are created before the first call, because an objective is computed from them.
   */
  readonly everyOutcome: boolean;
  readonly report: (error: unknown) => void;
}

/** A recorder that may record a success in a few instructions. */
export interface MethodRecorder extends Recorder {
  /** Like `CallSteps.succeed`. */
  succeed(token: number, result: unknown, node?: unknown): boolean;
}

/** Finds recorders, and can create series before the first call. */
export interface MethodRecorders extends RecorderLookup {
  /** Creates the series that are known before any call. */
  makeKnownSeries(): void;
  /** The recorder of all calls, if it is there already. */
  known(): Recorder | undefined;
}

const ENDINGS = ['ok', 'error', 'cancelled'] as const;
const USUAL_ENDINGS = ['ok', 'error'] as const;

/** Records a call when it has ended, on the series for its ending. */
export abstract class CompletionRecorder<C extends Recordable> implements MethodRecorder, MethodRecorders {
  readonly root: TrieNode<C>;
  private readonly single: OutcomeSeries<C> | undefined;
  /** Whether a success needs no further check. */
  private readonly plainOk: boolean;

  constructor(
    protected readonly kit: RecorderKit<C>,
    recordsOk = true,
  ) {
    this.root = kit.trie.root;
    this.single = kit.trie.only;
    this.plainOk = recordsOk && !kit.wholeCall;
  }

  descend(node: TrieNode<C>, index: number, value: unknown): TrieNode<C> {
    return this.kit.trie.descend(node, index, value);
  }

  known(): Recorder | undefined {
    return hasExemplarSource() ? undefined : this;
  }

  recorder(): Recorder {
    return hasExemplarSource() ? withExemplar(this, this.kit.family) : this;
  }

  enter(): number {
    return 0;
  }

  pause(_token: number): void {}

  resume(): number {
    return this.enter();
  }

  abstract leave(
    token: number,
    ending: Ending,
    outcome: unknown,
    node?: TrieNode<C>,
    self?: unknown,
    args?: readonly unknown[],
    exemplar?: ExemplarLabels,
  ): void;

  succeed(_token: number, _result: unknown, _node?: TrieNode<C>): boolean {
    return false;
  }

  makeKnownSeries(): void {
    const { trie, everyOutcome } = this.kit;
    for (const ending of everyOutcome ? ENDINGS : USUAL_ENDINGS) {
      if (this.records(ending, ending === 'error', undefined)) trie.only?.makeKnown(ending, everyOutcome);
    }
  }

  fault(error: unknown): void {
    this.kit.report(error);
  }

  /** The series of successes, if it is known and a success needs no further check. */
  protected knownSeries(node: TrieNode<C> | undefined): C | undefined {
    return this.plainOk ? (this.single ?? (node as OutcomeSeries<C>)).known() : undefined;
  }

  /** Returns the series of a call that has ended; undefined if such a call is not recorded. */
  protected seriesOf(
    ending: Ending,
    outcome: unknown,
    node: TrieNode<C> | undefined,
    self: unknown,
    args: readonly unknown[] | undefined,
  ): C | undefined {
    if (ending === 'ok' && this.plainOk) return (this.single ?? (node as OutcomeSeries<C>)).success();
    return this.seriesOfOther(ending, outcome, this.single ?? (node as TrieNode<C>), self, args);
  }

  /** Whether a call with this ending is recorded at all. */
  protected records(_ending: Ending, _failed: boolean, _failure: unknown): boolean {
    return true;
  }

  private seriesOfOther(
    ending: Ending,
    outcome: unknown,
    node: TrieNode<C>,
    self: unknown,
    args: readonly unknown[] | undefined,
  ): C | undefined {
    if (this.kit.wholeCall) return this.seriesOfCall(seenCall(self, args, ending, outcome), ending, outcome, node);
    const failed = isFailure(ending, outcome);
    return this.records(ending, failed, outcome) ? (node as OutcomeSeries<C>).of(ending, failed, outcome) : undefined;
  }

  private seriesOfCall(call: SeenCall, ending: Ending, outcome: unknown, node: TrieNode<C>): C | undefined {
    const failed = isFailure(ending, outcome);
    const judged = this.judge(call, ending);
    if (!this.records(judged, failed, outcome)) return undefined;
    return this.kit.trie.finish(node, call).of(judged, failed, outcome);
  }

  private judge(call: SeenCall, ending: Ending): Ending {
    try {
      const judged = handled(this.kit.classify?.(call));
      return judged === 'ok' || judged === 'error' || judged === 'cancelled' ? judged : ending;
    } catch (fault) {
      this.kit.report(fault);
      return ending;
    }
  }
}

/** Whether the call failed with an error. There is none if a consumer abandoned it. */
function isFailure(ending: Ending, outcome: unknown): boolean {
  return ending === 'error' || (ending === 'cancelled' && outcome !== undefined);
}

/**
 * Finds one recorder per series, for decorators that record when a call begins: the series is chosen then, and also
 * used at the end of the call.
 */
export class EntryRecorder<C extends Recordable> implements MethodRecorders {
  readonly root: TrieNode<C>;
  private readonly single: OutcomeSeries<C> | undefined;
  private readonly recorders = new WeakMap<C, Recorder>();
  private last: { readonly series: C; readonly recorder: Recorder } | undefined;

  constructor(
    private readonly kit: RecorderKit<C>,
    private readonly make: (series: C) => Recorder,
  ) {
    this.root = kit.trie.root;
    this.single = kit.trie.only;
  }

  known(): Recorder | undefined {
    const { last } = this;
    return last !== undefined && last.series === this.single?.known() ? last.recorder : undefined;
  }

  descend(node: TrieNode<C>, index: number, value: unknown): TrieNode<C> {
    return this.kit.trie.descend(node, index, value);
  }

  /** Returns the recorder for a call that begins. Functions of the whole call get it without result and error. */
  recorder(node: TrieNode<C> = this.root, self?: unknown, args?: readonly unknown[]): Recorder {
    const { trie, wholeCall } = this.kit;
    const found = wholeCall ? trie.finish(node, seenCall(self, args, 'ok', undefined)) : (node as OutcomeSeries<C>);
    const series = found.success();
    return this.last?.series === series ? this.last.recorder : this.find(series);
  }

  fault(error: unknown): void {
    this.kit.report(error);
  }

  makeKnownSeries(): void {
    this.kit.trie.only?.success();
  }

  private find(series: C): Recorder {
    const recorder = this.recorders.get(series) ?? this.make(series);
    this.recorders.set(series, recorder);
    this.last = { series, recorder };
    return recorder;
  }
}
