/**
 * Shadows methods of an object by others; returns a function that restores it. A method that was replaced in the
 * meantime is left as it is.
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
