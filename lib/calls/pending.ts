import type { Watch } from './watch.js';

/** The watches that wait for the work of an object to begin. */
const waiting = new WeakMap<object, Watch[]>();

/**
 * Lets a watch wait for an object's work. Returns the list of those that wait where this is the first, so that the
 * caller puts its tripwire on the object once, however often the object is returned.
 */
export function wait(object: object, watch: Watch): readonly Watch[] | undefined {
  const watches = waiting.get(object);
  if (watches !== undefined) {
    watches.push(watch);
    return undefined;
  }
  const first = [watch];
  waiting.set(object, first);
  return first;
}

/** The work begins: nobody waits for it any more. */
export function release(object: object): void {
  waiting.delete(object);
}

/** Puts methods on an object as its own, unseen by enumeration; returns how to take them off again. */
export function shadow(object: object, methods: Readonly<Record<string, unknown>>): () => void {
  const before = Object.keys(methods).map((name) => [name, Object.getOwnPropertyDescriptor(object, name)] as const);
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(object, name, { value, configurable: true, enumerable: false, writable: true });
  }
  return () => {
    for (const [name, descriptor] of before) {
      if (descriptor === undefined) Reflect.deleteProperty(object, name);
      else Object.defineProperty(object, name, descriptor);
    }
  };
}
