import type { AnyMethod } from './dialect.js';
import type { Ending } from './ending.js';

/** Records one aspect of calls. It holds no state of a single call, because calls overlap and recurse. */
export interface Recorder {
  /** Called before the body. Returns a token, usually a time, that is passed to `leave` or `pause`. */
  enter(): number;
  /** The body has returned, but its work has not started (a generator): undoes `enter`. */
  pause(token: number): void;
  /** The work starts now; as `enter`. */
  resume(): number;
  /**
   * The call has ended. `outcome` is the result, the error, or undefined if a consumer abandoned it. `node` is where
   * `RecorderLookup.descend` has led; `self` and `args` are passed to instrumentations that read the whole call.
   */
  leave(
    token: number,
    ending: Ending,
    outcome: unknown,
    node?: unknown,
    self?: unknown,
    args?: readonly unknown[],
  ): void;
  /** Reports an error in recording. Never throws. */
  fault(error: unknown): void;
}

/** Finds the recorder of a call, descending by one value that is read off its arguments after the other. */
export interface RecorderLookup {
  readonly root: unknown;
  descend(node: unknown, reading: number, value: unknown): unknown;
  /** The recorder at a node. Default: at the root. */
  recorder(node?: unknown, self?: unknown, args?: readonly unknown[]): Recorder;
  /** Reports an error in reading the arguments. Never throws. */
  fault(error: unknown): void;
}

/**
 * What nearly every call runs through. V8 optimizes by source: all wrappers share theirs, and so do the recorders of all
 * kinds. Therefore each kind of decorator writes these functions out, in the same words, and each of them sees recorders
 * of one kind only. A wrapper keeps them in variables of its own: to the code that all wrappers share, they are unknown
 * functions, which it cannot inline, so it stays small enough to be inlined itself where a method is called often. There
 * they are known. `known` and `succeed` only compare and add: what happens rarely would be inlined into them as well, since
 * V8 counts calls while code is young, and leave no room for the rest.
 */
export interface CallSteps {
  /** What recorded the last call, if a few comparisons show that it records this one too. */
  known(instrumentation: Instrumentation, self: unknown): Recorder | undefined;
  /** `instrumentation.open(self)?.recorder()`, where none is known. */
  open(instrumentation: Instrumentation, self: unknown): Recorder | undefined;
  /** `recorder.enter()`. */
  enter(recorder: Recorder): number;
  /**
   * Records a call that has ended without an error, if that takes a few instructions. Returns false if it does not: then
   * `recorder.leave(token, 'ok', result, node)` has to.
   */
  succeed(recorder: Recorder, token: number, result: unknown, node?: unknown): boolean;
  /** `returned(result, recorder, token, node)`. */
  returned(result: object, recorder: Recorder, token: number, node?: unknown): unknown;
}

/** What measures the calls of one method. */
export interface Instrumentation {
  /** What recording needs to know of a call in addition to how it ended. */
  readonly reads: 'nothing' | 'arguments' | 'call';
  /** When a call ends: when the work behind its result has settled, or as soon as the body has returned. */
  readonly ends: 'settled' | 'returned';
  /** Functions that read a value off the arguments. They are called before the body, with the method's `this`. */
  readonly readings: readonly AnyMethod[];
  /** Where a call that begins now is recorded; undefined if nowhere. */
  open(self: unknown): RecorderLookup | undefined;
  /** The same functions for all methods with a decorator of this kind. */
  readonly steps: CallSteps;
  /** Reports an error in `open`. Never throws. */
  fault(error: unknown): void;
}
