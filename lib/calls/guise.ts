import type { AnyMethod } from './dialect.js';

/** The part of reflect-metadata that is used where the program has loaded it. */
interface ReflectMetadata {
  getOwnMetadataKeys?(target: object): unknown[];
  getOwnMetadata?(key: unknown, target: object): unknown;
  defineMetadata?(key: unknown, value: unknown, target: object): void;
}

/**
 * Makes a wrapper pass for what it wraps: name, length, own properties and Reflect metadata. The last decides about
 * security: a Nest guard that does not find its roles on the method lets everybody in.
 */
export function dress<W extends AnyMethod>(wrapper: W, body: AnyMethod): W {
  for (const key of Reflect.ownKeys(body)) {
    const property = Object.getOwnPropertyDescriptor(body, key);
    if (property === undefined) continue;
    const own = Object.getOwnPropertyDescriptor(wrapper, key);
    // A compiler for old engines makes functions of methods, which have properties that cannot be redefined.
    if (own === undefined || own.configurable) Object.defineProperty(wrapper, key, property);
  }
  const reflect = Reflect as ReflectMetadata;
  for (const key of reflect.getOwnMetadataKeys?.(body) ?? []) {
    reflect.defineMetadata?.(key, reflect.getOwnMetadata?.(key, body), wrapper);
  }
  return wrapper;
}
