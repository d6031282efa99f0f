import type { AnyMethod } from './dialect.js';
import type { Ending } from './ending.js';

/** Records one aspect of calls. It holds no state of a single call, because calls overlap and recurse. */
export interface Recorder {
  /** Called before the body. Returns a token, usually a time, that is passed to `leave` or `pause`. */
  enter(): number;
  /** The body has returned, but its work has not started (a generator): undoes `enter`. */
  pause(token: number): void;
  /** The work starts now. Like `enter`. */
  resume(): number;
  /**
   * The call has ended. `outcome` is the result, the error, or undefined if a consumer abandoned it. `node` is the last
   * result of `RecorderLookup.descend`; `self` and `args` are passed only if the instrumentation reads the whole call.
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

/** Finds the recorder of a call: descends from the root by each value that is read from its arguments. */
export interface RecorderLookup {
  readonly root: unknown;
  descend(node: unknown, reading: number, value: unknown): unknown;
  /** The recorder at a node. Default: at the root. */
  recorder(node?: unknown, self?: unknown, args?: readonly unknown[]): Recorder;
  /** Reports an error in reading the arguments. Never throws. */
  fault(error: unknown): void;
}

/**
 * The functions that nearly every call runs through. V8 collects type feedback per function in the source, which all
 * wrappers and all kinds of recorders share. Each kind of decorator therefore has its own copy of these functions, and
 * each copy sees recorders of one kind only. A wrapper keeps them in variables: V8 cannot inline them into the shared
 * source of the wrappers, which thus stays small enough to be inlined itself into a hot caller, where they are known
 * and inlined too. `known` and `succeed` only compare and add: V8, which counts calls while code is young, would also
 * inline rare work into them, and leave no room for the rest.
 */
export interface CallSteps {
  /** Returns the recorder of the last call, if a few comparisons show that it records this call too. */
  known(instrumentation: Instrumentation, self: unknown): Recorder | undefined;
  /** `instrumentation.open(self)?.recorder()`, if none is known. */
  open(instrumentation: Instrumentation, self: unknown): Recorder | undefined;
  /** `recorder.enter()`. */
  enter(recorder: Recorder): number;
  /**
   * Records a call that has ended without an error, if that takes only a few instructions. Otherwise returns false, and
   * the caller must call `recorder.leave(token, 'ok', result, node)`.
   */
  succeed(recorder: Recorder, token: number, result: unknown, node?: unknown): boolean;
  /** `returned(result, recorder, token, node)`. */
  returned(result: object, recorder: Recorder, token: number, node?: unknown): unknown;
}

/** Measures the calls of one method. */
export interface Instrumentation {
  /**
   * Wraps a method, by what recording needs to know about a call in addition to its ending: `byEnding`, `byArguments` or
   * `byCall`.
   */
  readonly wrap: (body: AnyMethod, instrumentation: Instrumentation) => AnyMethod;
  /** When a call ends: when the work behind its result has settled, or as soon as the body has returned. */
  readonly ends: 'settled' | 'returned';
  /** Functions that read a value from the arguments. They are called before the body, with the method's `this`. */
  readonly readings: readonly AnyMethod[];
  /** Returns the look-up for a call that begins now, or undefined if the call is not recorded. */
  open(self: unknown): RecorderLookup | undefined;
  /** Shared by all methods with a decorator of this kind. */
  readonly steps: CallSteps;
  /** Reports an error in `open`. Never throws. */
  fault(error: unknown): void;
}
