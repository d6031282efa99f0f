/**
 * Puts methods on an object, in front of those it has; returns a function that removes them. A method that the object
 * has got since then stays.
 */
export function shadow(object: object, methods: ReadonlyMap<PropertyKey, unknown>): () => void {
  const before = new Map<PropertyKey, PropertyDescriptor | undefined>();
  const restore = (): void => {
    for (const [key, descriptor] of before) {
      if (Object.getOwnPropertyDescriptor(object, key)?.value !== methods.get(key)) continue;
      if (descriptor === undefined) Reflect.deleteProperty(object, key);
      else Object.defineProperty(object, key, descriptor);
    }
  };
  try {
    for (const [key, value] of methods) {
      const own = Object.getOwnPropertyDescriptor(object, key);
      Object.defineProperty(object, key, {
        value,
        configurable: true,
        enumerable: own?.enumerable ?? false,
        writable: true,
      });
      before.set(key, own);
    }
  } catch (error) {
    restore();
    throw error;
  }
  return restore;
}
