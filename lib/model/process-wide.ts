/**
 * State that every copy of promark in a process shares: the ESM and the CommonJS build, or a copy that another package
 * brought along. It is kept on the global object; `name` carries the version of its shape, such as `wrappers.v1`.
 */
export function processWide<T>(name: string, make: () => T): T {
  const key = keyOf(name);
  shared[key] ??= make();
  return shared[key] as T;
}

/** Returns shared state, or undefined if no copy of promark has created it yet. */
export function processWideIfMade<T>(name: string): T | undefined {
  return shared[keyOf(name)] as T | undefined;
}

/** The environment variable that names the folder of a group of processes. The Python client uses it for the same purpose. */
export const GROUP_FOLDER = 'PROMETHEUS_MULTIPROC_DIR';

/** The folder that the environment names; undefined for an empty variable, which would be the current folder. */
export function groupFolder(): string | undefined {
  return process.env[GROUP_FOLDER] || undefined;
}

/** The name of the state that exists if this process has the code to share registries with others. */
export const SHARED_REGISTRIES = 'multiprocess.v1';

const shared = globalThis as unknown as Record<symbol, unknown>;

function keyOf(name: string): symbol {
  return Symbol.for(`promark.${name}`);
}
