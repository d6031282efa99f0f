/**
 * State that every copy of promark in a process shares: the ESM and the CommonJS build, or a copy that another package
 * brought along. It is kept on the global object; `name` carries the version of its shape, such as `wrappers.v1`.
 */
export function processWide<T>(name: string, make: () => T): T {
  const key = Symbol.for(`promark.${name}`);
  const shared = globalThis as unknown as Record<symbol, T | undefined>;
  shared[key] ??= make();
  return shared[key] as T;
}
