/**
 * A built-in module of Node, loaded when it is first asked for. Imports would load all that some part of promark needs,
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

/** What Node knows of a value's kind, whichever realm it is of. */
export const types: typeof import('node:util').types = process.getBuiltinModule('node:util').types;
