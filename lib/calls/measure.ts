import { follow, isDeferred } from './deferred.js';
import type { AnyMethod } from './dialect.js';
import { type Ending, endingOf } from './ending.js';
import { dress } from './guise.js';
import { isPlainPromise } from './promises.js';
import type { Watch } from './watch.js';

/** Records one kind of thing about calls. Keeps nothing of a single call: calls overlap and recurse. */
export interface Recorder {
  /** Before the body. What it returns, usually a time, is handed to `leave` or `pause`. */
  enter(): number;
  /** The body has returned, but its work has yet to begin (a generator): takes back what `enter` did. */
  pause(mark: number): void;
  /** The work begins now; as `enter`. */
  resume(): number;
  /**
   * The call has ended. `outcome` is the result, the error, or nothing where a consumer broke it off. `spot` is where
   * the desk's steps have led; `self` and `args` are given to sites that read the whole call.
   */
  leave(
    mark: number,
    ending: Ending,
    outcome: unknown,
    spot?: unknown,
    self?: unknown,
    args?: readonly unknown[],
  ): void;
  /** Told of what went wrong in recording. Never throws. */
  fault(error: unknown): void;
}

/** Finds the recorder of a call, step by step from one value that is read off its arguments to the next. */
export interface RecorderLookup {
  readonly root: unknown;
  descend(spot: unknown, reading: number, value: unknown): unknown;
  /** The recorder at a spot; without one, at the root. */
  recorder(spot?: unknown, self?: unknown, args?: readonly unknown[]): Recorder;
  /** Told of what went wrong in reading the arguments. Never throws. */
  fault(error: unknown): void;
}

/** A method that is measured. */
export interface Instrumentation {
  /** What recording asks of a call besides how it ended. */
  readonly reads: 'nothing' | 'arguments' | 'call';
  /** What is read off the arguments, before the body: functions that are called as the method is. */
  readonly readings: readonly AnyMethod[];
  /** Where a call that begins now is recorded; undefined for nowhere. */
  open(self: unknown): RecorderLookup | undefined;
  /** Told of what went wrong in opening. Never throws. */
  fault(error: unknown): void;
}

/**
 * Wraps a method so that each of its calls is recorded. To callers the method stays what it was: its result, its
 * errors, `this`, name, length, own properties and metadata. What goes wrong in measuring is the site's to tell.
 */
export function measure(body: AnyMethod, site: Instrumentation): AnyMethod {
  const wrap = { nothing: byEnding, arguments: byArguments, call: byCall }[site.reads];
  const wrapper = dress(wrap(body, site), body);
  if (alwaysPromises(body)) asyncWrappers.add(wrapper);
  return wrapper;
}

/** The wrappers of async functions, which return plain promises as these do. */
const asyncWrappers = new WeakSet<AnyMethod>();

/** Whether a function returns plain promises and nothing else, so that its results need not be looked at. */
function alwaysPromises(body: AnyMethod): boolean {
  return asyncWrappers.has(body) || Object.prototype.toString.call(body) === '[object AsyncFunction]';
}

// Three wrappers, because arguments are passed on without making an array of them only by a function that does nothing
// else with them: one line that hands `args` out costs every call an array. Recording stands outside the `try` around
// the body, so that a fault there is not taken for the body's error.

/** For what is recorded by how a call ends. */
function byEnding(body: AnyMethod, site: Instrumentation): AnyMethod {
  const isAsync = alwaysPromises(body);
  return {
    measured(this: unknown, ...args: unknown[]): unknown {
      let recorder: Recorder | undefined;
      let mark = 0;
      try {
        recorder = site.open(this)?.recorder();
        if (recorder !== undefined) mark = recorder.enter();
      } catch (fault) {
        (recorder ?? site).fault(fault);
        recorder = undefined;
      }
      if (recorder === undefined) return Reflect.apply(body, this, args);
      let result: unknown;
      try {
        result = Reflect.apply(body, this, args);
      } catch (error) {
        leave(recorder, mark, endingOf(error), error);
        throw error;
      }
      if (isAsync) return settled(result as Promise<unknown>, recorder, mark);
      if (typeof result === 'object' && result !== null) return returned(result, recorder, mark);
      try {
        recorder.leave(mark, 'ok', result);
      } catch (fault) {
        recorder.fault(fault);
      }
      return result;
    },
  }.measured;
}

/** For what is recorded by how a call ends and by values that are read off its arguments. */
function byArguments(body: AnyMethod, site: Instrumentation): AnyMethod {
  const isAsync = alwaysPromises(body);
  const { readings } = site;
  return {
    measured(this: unknown, ...args: unknown[]): unknown {
      let desk: RecorderLookup | undefined;
      let recorder: Recorder | undefined;
      let spot: unknown;
      let mark = 0;
      try {
        desk = site.open(this);
        if (desk !== undefined) {
          spot = desk.root;
          for (let i = 0; i < readings.length; i++) {
            let value: unknown;
            try {
              value = Reflect.apply(readings[i], this, args);
            } catch (fault) {
              desk.fault(fault);
            }
            spot = desk.descend(spot, i, value);
          }
          recorder = desk.recorder(spot);
          mark = recorder.enter();
        }
      } catch (fault) {
        recorder = undefined;
        (desk ?? site).fault(fault);
      }
      if (recorder === undefined) return Reflect.apply(body, this, args);
      let result: unknown;
      try {
        result = Reflect.apply(body, this, args);
      } catch (error) {
        leave(recorder, mark, endingOf(error), error, spot);
        throw error;
      }
      if (isAsync) return settled(result as Promise<unknown>, recorder, mark, spot);
      if (typeof result === 'object' && result !== null) return returned(result, recorder, mark, spot);
      try {
        recorder.leave(mark, 'ok', result, spot);
      } catch (fault) {
        recorder.fault(fault);
      }
      return result;
    },
  }.measured;
}

/** For what asks for the whole call. */
function byCall(body: AnyMethod, site: Instrumentation): AnyMethod {
  const { readings } = site;
  return {
    measured(this: unknown, ...args: unknown[]): unknown {
      let desk: RecorderLookup | undefined;
      let recorder: Recorder | undefined;
      let spot: unknown;
      let mark = 0;
      try {
        desk = site.open(this);
        if (desk !== undefined) {
          spot = walk(desk, readings, this, args);
          recorder = desk.recorder(spot, this, args);
          mark = recorder.enter();
        }
      } catch (fault) {
        recorder = undefined;
        (desk ?? site).fault(fault);
      }
      if (recorder === undefined) return Reflect.apply(body, this, args);
      let result: unknown;
      try {
        result = Reflect.apply(body, this, args);
      } catch (error) {
        leave(recorder, mark, endingOf(error), error, spot, this, args);
        throw error;
      }
      if (typeof result === 'object' && result !== null) return returned(result, recorder, mark, spot, this, args);
      leave(recorder, mark, 'ok', result, spot, this, args);
      return result;
    },
  }.measured;
}

function walk(desk: RecorderLookup, readings: readonly AnyMethod[], self: unknown, args: readonly unknown[]): unknown {
  let spot = desk.root;
  readings.forEach((reading, i) => {
    let value: unknown;
    try {
      value = Reflect.apply(reading, self, args);
    } catch (fault) {
      desk.fault(fault);
    }
    spot = desk.descend(spot, i, value);
  });
  return spot;
}

function leave(
  recorder: Recorder,
  mark: number,
  ending: Ending,
  outcome: unknown,
  spot?: unknown,
  self?: unknown,
  args?: readonly unknown[],
): void {
  try {
    recorder.leave(mark, ending, outcome, spot, self, args);
  } catch (fault) {
    recorder.fault(fault);
  }
}

/** What `follow` does with a plain promise, without a watch: async methods are the usual ones, and called often. */
function settled(promise: Promise<unknown>, recorder: Recorder, mark: number, spot?: unknown): Promise<unknown> {
  return promise.then(
    (value: unknown) => {
      try {
        recorder.leave(mark, 'ok', value, spot);
      } catch (fault) {
        recorder.fault(fault);
      }
      return value;
    },
    (error: unknown) => {
      leave(recorder, mark, endingOf(error), error, spot);
      throw error;
    },
  );
}

/** Ends a call that has returned an object, now or when its work has ended; returns what the caller gets. */
function returned(
  result: object,
  recorder: Recorder,
  mark: number,
  spot?: unknown,
  self?: unknown,
  args?: readonly unknown[],
): unknown {
  if (args === undefined && isPlainPromise(result)) return settled(result as Promise<unknown>, recorder, mark, spot);
  if (!isDeferred(result)) {
    leave(recorder, mark, 'ok', result, spot, self, args);
    return result;
  }
  const watch = new CallWatch(recorder, mark, spot, self, args);
  try {
    return follow(result, watch);
  } catch (fault) {
    recorder.fault(fault);
    watch.end('ok', result);
    return result;
  }
}

/** Carries one call from the body's return to the end of its work. */
class CallWatch implements Watch {
  constructor(
    private readonly recorder: Recorder,
    private mark: number,
    private readonly spot?: unknown,
    private readonly self?: unknown,
    private readonly args?: readonly unknown[],
  ) {}

  pause(): void {
    try {
      this.recorder.pause(this.mark);
    } catch (fault) {
      this.recorder.fault(fault);
    }
  }

  resume(): void {
    try {
      this.mark = this.recorder.resume();
    } catch (fault) {
      this.recorder.fault(fault);
    }
  }

  end(ending: Ending, outcome: unknown): void {
    leave(this.recorder, this.mark, ending, outcome, this.spot, this.self, this.args);
  }

  again(): Watch {
    return new CallWatch(this.recorder, 0, this.spot, this.self, this.args);
  }
}
