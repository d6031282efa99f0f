/** Applies a decorator to a method, as compilers do for legacy decorators. */
export function decorate(target, key, decorator) {
  const { prototype } = target;
  const before = Object.getOwnPropertyDescriptor(prototype, key);
  Object.defineProperty(prototype, key, decorator(prototype, key, before) ?? before);
}

/** `loop(…)(n)` makes n calls. Compiled anew each time: shared code would be specialized for the first subject. */
export function loop(subject, call) {
  return new Function('subject', 'call', 'return (n) => { for (let i = 0; i < n; i++) call(subject, i); }')(
    subject,
    call,
  );
}

/** The same for a method whose result is awaited before the next call. */
export function sequence(subject, key) {
  return new Function('subject', `return async (n) => { for (let i = 0; i < n; i++) await subject.${key}(); }`)(
    subject,
  );
}
