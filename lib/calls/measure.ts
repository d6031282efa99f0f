import { follow, isDeferred } from './deferred.js';
import type { AnyMethod, Member } from './dialect.js';
import { type Ending, endingOf, type Watch } from './ending.js';
import { isPlainPromise } from './promises.js';
import { layersOf, mimicFunction, noteWrapper } from './wrapper.js';

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
 * they are known.
 */
export interface CallSteps {
  /** `instrumentation.open(self)?.recorder()`. */
  open(instrumentation: Instrumentation, self: unknown): Recorder | undefined;
  /** `recorder.enter()`. */
  enter(recorder: Recorder): number;
  /** `recorder.leave(token, 'ok', result, node)`. */
  succeed(recorder: Recorder, token: number, result: unknown, node?: unknown): void;
  /** `returned(result, recorder, token, node)`. */
  returned(result: object, recorder: Recorder, token: number, node?: unknown): unknown;
}

/** What measures the calls of one method. */
export interface Instrumentation {
  /** What recording needs to know of a call besides how it ended. */
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

/**
 * Wraps a method so that each of its calls is recorded. Callers see no difference: result, errors, `this`, name, length,
 * own properties and metadata stay. Errors in measuring are reported to the instrumentation.
 */
export function measure(body: AnyMethod, instrumentation: Instrumentation): AnyMethod {
  const wrap = { nothing: byEnding, arguments: byArguments, call: byCall }[instrumentation.reads];
  const wrapper = mimicFunction(wrap(body, instrumentation), body);
  if (alwaysPromises(body)) asyncWrappers.add(wrapper);
  noteWrapper(wrapper, body);
  return wrapper;
}

/**
 * Measures a decorated method; returns what takes its place. `wrappedBy` is called with the wrapper. If a composer of
 * standard decorators has dropped the wrapper, it is put in place with the first instance.
 */
export function measureMember(
  member: Member,
  instrumentation: Instrumentation,
  wrappedBy: (wrapper: AnyMethod) => void = () => {},
): AnyMethod {
  const { body, key, isStatic, isPrivate } = member;
  const wrapper = measure(body, instrumentation);
  wrappedBy(wrapper);
  let checked = isPrivate;
  member.onInstance?.((instance) => {
    if (checked) return;
    checked = true;
    const owner = isStatic ? instance : ownerOf(instance, key);
    const held = owner && Object.getOwnPropertyDescriptor(owner, key);
    const layers = layersOf(held?.value);
    // Only promark's wrappers around the very method, and ours is not among them.
    if (owner === undefined || layers.includes(wrapper) || layers.at(-1) !== layersOf(body).at(-1)) return;
    const again = measure(held?.value as AnyMethod, instrumentation);
    Object.defineProperty(owner, key, { ...held, value: again });
    wrappedBy(again);
  });
  return wrapper;
}

/** The nearest prototype that has a member. */
function ownerOf(instance: object, key: PropertyKey): object | undefined {
  let at = Object.getPrototypeOf(instance) as object | null;
  while (at !== null && !Object.hasOwn(at, key)) at = Object.getPrototypeOf(at) as object | null;
  return at ?? undefined;
}

/** The wrappers of async functions, which return plain promises as these do. */
const asyncWrappers = new WeakSet<AnyMethod>();

/** Whether a function returns plain promises and nothing else, so that its results need no check. */
function alwaysPromises(body: AnyMethod): boolean {
  return asyncWrappers.has(body) || Object.prototype.toString.call(body) === '[object AsyncFunction]';
}

// Three wrappers, because V8 passes `args` on without allocating an array only if the function does nothing else with
// them: a single line that passes `args` elsewhere costs every call an array. Recording is outside the `try` around the
// body, so that an error in recording is not taken for an error of the body.

/** For recorders that need only how a call ends. */
function byEnding(body: AnyMethod, instrumentation: Instrumentation): AnyMethod {
  const follows = instrumentation.ends === 'settled';
  const { open, enter, succeed } = instrumentation.steps;
  const returned = returnedBy(body, instrumentation);
  return {
    measured(this: unknown, ...args: unknown[]): unknown {
      let recorder: Recorder | undefined;
      let token = 0;
      try {
        recorder = open(instrumentation, this);
        if (recorder !== undefined) token = enter(recorder);
      } catch (fault) {
        (recorder ?? instrumentation).fault(fault);
        recorder = undefined;
      }
      if (recorder === undefined) return Reflect.apply(body, this, args);
      let result: unknown;
      try {
        result = Reflect.apply(body, this, args);
      } catch (error) {
        leave(recorder, token, endingOf(error), error);
        throw error;
      }
      if (typeof result === 'object' && result !== null && follows) return returned(result, recorder, token);
      try {
        succeed(recorder, token, result);
      } catch (fault) {
        recorder.fault(fault);
      }
      return result;
    },
  }.measured;
}

/** For recorders that need how a call ends and values that are read off its arguments. */
function byArguments(body: AnyMethod, instrumentation: Instrumentation): AnyMethod {
  const follows = instrumentation.ends === 'settled';
  const { readings, steps } = instrumentation;
  const { enter, succeed } = steps;
  const returned = returnedBy(body, instrumentation);
  return {
    measured(this: unknown, ...args: unknown[]): unknown {
      let lookup: RecorderLookup | undefined;
      let recorder: Recorder | undefined;
      let node: unknown;
      let token = 0;
      try {
        lookup = instrumentation.open(this);
        if (lookup !== undefined) {
          node = lookup.root;
          for (let i = 0; i < readings.length; i++) {
            let value: unknown;
            try {
              value = Reflect.apply(readings[i], this, args);
            } catch (fault) {
              lookup.fault(fault);
            }
            node = lookup.descend(node, i, value);
          }
          recorder = lookup.recorder(node);
          token = enter(recorder);
        }
      } catch (fault) {
        recorder = undefined;
        (lookup ?? instrumentation).fault(fault);
      }
      if (recorder === undefined) return Reflect.apply(body, this, args);
      let result: unknown;
      try {
        result = Reflect.apply(body, this, args);
      } catch (error) {
        leave(recorder, token, endingOf(error), error, node);
        throw error;
      }
      if (typeof result === 'object' && result !== null && follows) return returned(result, recorder, token, node);
      try {
        succeed(recorder, token, result, node);
      } catch (fault) {
        recorder.fault(fault);
      }
      return result;
    },
  }.measured;
}

/** For recorders that need the whole call. */
function byCall(body: AnyMethod, instrumentation: Instrumentation): AnyMethod {
  const follows = instrumentation.ends === 'settled';
  const { readings } = instrumentation;
  return {
    measured(this: unknown, ...args: unknown[]): unknown {
      let lookup: RecorderLookup | undefined;
      let recorder: Recorder | undefined;
      let node: unknown;
      let token = 0;
      try {
        lookup = instrumentation.open(this);
        if (lookup !== undefined) {
          node = walk(lookup, readings, this, args);
          recorder = lookup.recorder(node, this, args);
          token = recorder.enter();
        }
      } catch (fault) {
        recorder = undefined;
        (lookup ?? instrumentation).fault(fault);
      }
      if (recorder === undefined) return Reflect.apply(body, this, args);
      let result: unknown;
      try {
        result = Reflect.apply(body, this, args);
      } catch (error) {
        leave(recorder, token, endingOf(error), error, node, this, args);
        throw error;
      }
      if (typeof result === 'object' && result !== null && follows)
        return returned(result, recorder, token, node, this, args);
      leave(recorder, token, 'ok', result, node, this, args);
      return result;
    },
  }.measured;
}

/** What handles the objects that a method returns. */
function returnedBy(body: AnyMethod, { steps }: Instrumentation): CallSteps['returned'] {
  const { succeed, returned } = steps;
  if (!alwaysPromises(body)) return returned;
  return (promise, recorder, token, node) => settled(promise as Promise<unknown>, recorder, token, succeed, node);
}

function walk(
  lookup: RecorderLookup,
  readings: readonly AnyMethod[],
  self: unknown,
  args: readonly unknown[],
): unknown {
  let node = lookup.root;
  readings.forEach((reading, i) => {
    let value: unknown;
    try {
      value = Reflect.apply(reading, self, args);
    } catch (fault) {
      lookup.fault(fault);
    }
    node = lookup.descend(node, i, value);
  });
  return node;
}

function leave(
  recorder: Recorder,
  token: number,
  ending: Ending,
  outcome: unknown,
  node?: unknown,
  self?: unknown,
  args?: readonly unknown[],
): void {
  try {
    recorder.leave(token, ending, outcome, node, self, args);
  } catch (fault) {
    recorder.fault(fault);
  }
}

/** What `follow` does with a plain promise, without a watch: async methods are the most common, and called often. */
function settled(
  promise: Promise<unknown>,
  recorder: Recorder,
  token: number,
  succeed: CallSteps['succeed'],
  node?: unknown,
): Promise<unknown> {
  return promise.then(
    (value: unknown) => {
      try {
        succeed(recorder, token, value, node);
      } catch (fault) {
        recorder.fault(fault);
      }
      return value;
    },
    (error: unknown) => {
      leave(recorder, token, endingOf(error), error, node);
      throw error;
    },
  );
}

/** The step of a recorder of any kind. */
function succeedAnyhow(recorder: Recorder, token: number, result: unknown, node?: unknown): void {
  recorder.leave(token, 'ok', result, node);
}

/** Records a call that has returned an object, now or when its work has ended; returns what the caller gets. */
export function returned(
  result: object,
  recorder: Recorder,
  token: number,
  node?: unknown,
  self?: unknown,
  args?: readonly unknown[],
): unknown {
  if (args === undefined && isPlainPromise(result)) {
    return settled(result as Promise<unknown>, recorder, token, succeedAnyhow, node);
  }
  if (!isDeferred(result)) {
    leave(recorder, token, 'ok', result, node, self, args);
    return result;
  }
  const watch = new CallWatch(recorder, token, node, self, args);
  try {
    return follow(result, watch);
  } catch (fault) {
    recorder.fault(fault);
    watch.end('ok', result);
    return result;
  }
}

/** Follows one call from the return of its body to the end of its work. */
class CallWatch implements Watch {
  constructor(
    private readonly recorder: Recorder,
    private token: number,
    private readonly node?: unknown,
    private readonly self?: unknown,
    private readonly args?: readonly unknown[],
  ) {}

  pause(): void {
    try {
      this.recorder.pause(this.token);
    } catch (fault) {
      this.recorder.fault(fault);
    }
  }

  resume(): void {
    try {
      this.token = this.recorder.resume();
    } catch (fault) {
      this.recorder.fault(fault);
    }
  }

  end(ending: Ending, outcome: unknown): void {
    leave(this.recorder, this.token, ending, outcome, this.node, this.self, this.args);
  }

  again(): Watch {
    return new CallWatch(this.recorder, 0, this.node, this.self, this.args);
  }
}
