import { processWide } from '../model/process-wide.js';
import type { AnyMethod } from './dialect.js';

/** The function that each promark wrapper wraps, which is another wrapper if decorators are stacked. */
const wrapped = processWide('wrappers.v1', () => new WeakMap<object, AnyMethod>());

/**
 * The adjacent promark wrappers around a method, outermost first, followed by the function that the innermost one
 * wraps.
 */
export function layersOf(method: unknown): readonly unknown[] {
  const layers: unknown[] = [];
  for (let layer = method; layer !== undefined; layer = wrapped.get(layer as AnyMethod)) {
    layers.push(layer);
    if (typeof layer !== 'function') break;
  }
  return layers;
}

/** Notes what a wrapper wraps. */
export function noteWrapper(wrapper: AnyMethod, body: AnyMethod): void {
  wrapped.set(wrapper, body);
}

/** The functions of reflect-metadata, if the program has loaded it. */
interface ReflectMetadata {
  getOwnMetadataKeys?(target: object): unknown[];
  getOwnMetadata?(key: unknown, target: object): unknown;
  defineMetadata?(key: unknown, value: unknown, target: object): void;
}

/**
 * Copies name, length, kind, own properties and Reflect metadata of a method to its wrapper. Security depends on the
 * metadata: a Nest guard that does not find its roles on the method lets everybody in. The kind is the prototype, by
 * which libraries know async functions and generators: `async` passes a callback to anything else, and waits for it.
 */
export function mimicFunction<W extends AnyMethod>(wrapper: W, body: AnyMethod): W {
  const kind: unknown = Object.getPrototypeOf(body);
  if (kind !== Object.getPrototypeOf(wrapper)) Object.setPrototypeOf(wrapper, kind as object | null);
  for (const key of Reflect.ownKeys(body)) {
    const property = Object.getOwnPropertyDescriptor(body, key);
    if (property === undefined) continue;
    const own = Object.getOwnPropertyDescriptor(wrapper, key);
    // Methods compiled for an old engine are functions, with properties that cannot be redefined.
    if (own === undefined || own.configurable) Object.defineProperty(wrapper, key, property);
  }
  const reflect = Reflect as ReflectMetadata;
  for (const key of reflect.getOwnMetadataKeys?.(body) ?? []) {
    reflect.defineMetadata?.(key, reflect.getOwnMetadata?.(key, body), wrapper);
  }
  return wrapper;
}
