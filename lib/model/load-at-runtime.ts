import type { Worker, WorkerOptions } from 'node:worker_threads';

/**
 * A built-in module of Node, loaded on first use. Imports would load all that some part of promark needs,
 * which takes longer than loading promark, and read each of their exports, some of which load further modules.
 *
 * @example builtin('node:crypto').randomUUID()
 */
export const builtin: typeof process.getBuiltinModule = (id: string) => process.getBuiltinModule(id) as never;

/** The module `node:cluster`, whose types have a default export only. */
export const clusterModule = (): typeof import('node:cluster').default => builtin('node:cluster') as never;

/** Whether this process is a worker of a cluster. Processes without a channel to their parent need not load the module. */
export const isClusterWorker = (): boolean => process.send !== undefined && clusterModule().isWorker;

/**
 * Whether this is the main thread. Node marks functions of `process` that worker threads do not have; `node:worker_threads`
 * takes as long to load as a third of promark.
 */
export function isMainThread(): boolean {
  const { versions, abort } = process;
  const isNode = versions.bun === undefined && versions.deno === undefined;
  return isNode ? !('disabled' in abort) : builtin('node:worker_threads').isMainThread;
}

/** Whether this code runs in a context of its own, whose `Object` is not that of Node's modules, such as that of a test file. */
export function isOwnContext(): boolean {
  return !(builtin('node:events').EventEmitter.prototype instanceof Object);
}

/** What Node knows of a value's kind, whichever realm it is of. */
export const types: typeof import('node:util').types = process.getBuiltinModule('node:util').types;

/**
 * Loads a module by its name or, if it begins with `./`, from next to the module whose `import.meta.url` is given. Bundlers
 * neither follow nor warn of it, as they would of `createRequire`. Throws what `require` throws.
 */
export function loadAtRuntime(name: string, from: string): unknown {
  return process.getBuiltinModule('node:module').createRequire(from)(name);
}

/** The path of the file that `loadAtRuntime` would load. Throws if there is none. */
export function locateAtRuntime(name: string, from: string): string {
  return process.getBuiltinModule('node:module').createRequire(from).resolve(name);
}

/**
 * Starts a thread whose program is a file next to a module. Turbopack follows what the imported class `Worker` is given and,
 * where that is no literal, takes in all files of the package, of which some need packages that are not installed.
 */
export function startThreadAtRuntime(program: URL, options: WorkerOptions): Worker {
  return new (process.getBuiltinModule('node:worker_threads').Worker)(program, options);
}
