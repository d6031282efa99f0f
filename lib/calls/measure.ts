import { types } from '../model/load-at-runtime.js';
import type { AnyMethod, Member } from './dialect.js';
import { endingOf } from './ending.js';
import type { CallSteps, Instrumentation, Recorder, RecorderLookup } from './recorder.js';
import { leave, returned, settled } from './returned.js';
import { layersOf, mimicFunction, noteWrapper } from './wrapper.js';

/**
 * Wraps a method so that each of its calls is recorded. Callers see no difference: result, errors, `this`, name,
 * length, own properties and metadata are preserved. Errors in measuring are reported to the instrumentation.
 */
export function measure(body: AnyMethod, instrumentation: Instrumentation): AnyMethod {
  const wrapper = mimicFunction(instrumentation.wrap(body, instrumentation), body);
  if (alwaysPromises(body)) asyncWrappers.add(wrapper);
  noteWrapper(wrapper, body);
  return wrapper;
}

/**
 * Measures a decorated method; returns its replacement. `wrappedBy` is called with the wrapper. If a composer of
 * standard decorators has dropped the wrapper, it is put in place when the first instance is created.
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
    const property = owner && Object.getOwnPropertyDescriptor(owner, key);
    const layers = layersOf(property?.value);
    // Continue only if the property holds this method, wrapped by promark alone, but without this wrapper.
    if (owner === undefined || layers.includes(wrapper) || layers.at(-1) !== layersOf(body).at(-1)) return;
    const again = measure(property?.value as AnyMethod, instrumentation);
    Object.defineProperty(owner, key, { ...property, value: again });
    wrappedBy(again);
  });
  return wrapper;
}

/** Returns the nearest prototype that has a member. */
function ownerOf(instance: object, key: PropertyKey): object | undefined {
  let at = Object.getPrototypeOf(instance) as object | null;
  while (at !== null && !Object.hasOwn(at, key)) at = Object.getPrototypeOf(at) as object | null;
  return at ?? undefined;
}

/** The wrappers of async functions, which return plain promises like the functions themselves. */
const asyncWrappers = new WeakSet<AnyMethod>();

/**
 * Whether a function returns plain promises and nothing else, so that its results need no check. Its prototype does not
 * tell: other decorators' replacements of async methods have it too, and may return anything.
 */
function alwaysPromises(body: AnyMethod): boolean {
  return asyncWrappers.has(body) || (types.isAsyncFunction(body) && !types.isGeneratorFunction(body));
}

// There are three wrappers, because V8 passes `args` on without allocating an array only if the function does nothing
// else with them: a single other use of `args` costs every call an array. Recording is outside of the `try` around the
// body, so that an error in recording is not taken for an error of the body.

/** For recorders that need only how a call ends. */
export function byEnding(body: AnyMethod, instrumentation: Instrumentation): AnyMethod {
  const follows = instrumentation.ends === 'settled';
  const { known, open, enter, succeed } = instrumentation.steps;
  const returned = returnedBy(body, instrumentation);
  return {
    measured(this: unknown, ...args: unknown[]): unknown {
      let recorder: Recorder | undefined;
      let token = 0;
      try {
        recorder = known(instrumentation, this) ?? open(instrumentation, this);
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
        if (!succeed(recorder, token, result)) leave(recorder, token, 'ok', result);
      } catch (fault) {
        recorder.fault(fault);
      }
      return result;
    },
  }.measured;
}

/** For recorders that need how a call ends and values read from its arguments. */
export function byArguments(body: AnyMethod, instrumentation: Instrumentation): AnyMethod {
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
        if (!succeed(recorder, token, result, node)) leave(recorder, token, 'ok', result, node);
      } catch (fault) {
        recorder.fault(fault);
      }
      return result;
    },
  }.measured;
}

/** For recorders that need the whole call. */
export function byCall(body: AnyMethod, instrumentation: Instrumentation): AnyMethod {
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

/** Returns the function that handles objects returned by a method. */
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
