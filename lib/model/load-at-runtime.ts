import type { Worker, WorkerOptions } from 'node:worker_threads';
import { processWide } from './process-wide.js';

/**
 * A built-in module of Node, loaded on first use. Imports would load every module that any part of promark needs, which
 * takes longer than loading promark, and read all of their exports, some of which load further modules.
 *
 * @example builtin('node:crypto').randomUUID()
 */
export const builtin: typeof process.getBuiltinModule = (id: string) => process.getBuiltinModule(id) as never;

/** The module `node:cluster`, whose types have a default export only. */
export const clusterModule = (): typeof import('node:cluster').default => builtin('node:cluster') as never;

/** Whether this process is a worker of a cluster. Processes without a channel to their parent need not load the module. */
export const isClusterWorker = (): boolean => process.send !== undefined && clusterModule().isWorker;

/**
 * Whether this is the main thread. Node sets `disabled` on functions of `process` that worker threads lack;
 * `node:worker_threads` would take a third of promark's own load time.
 */
export function isMainThread(): boolean {
  const { versions, abort } = process;
  const isNode = versions.bun === undefined && versions.deno === undefined;
  return isNode ? !('disabled' in abort) : builtin('node:worker_threads').isMainThread;
}

/**
 * Whether this code runs in a `vm` context, such as a Jest test file, whose `Object` differs from that of Node's
 * modules.
 */
export function isOwnContext(): boolean {
  return !(builtin('node:events').EventEmitter.prototype instanceof Object);
}

/** Node's type checks, which recognize values of every realm. */
export const types: typeof import('node:util').types = process.getBuiltinModule('node:util').types;

/**
 * Loads a module by its name or, if it begins with `./`, from next to the module whose `import.meta.url` is given.
 * Bundlers neither follow this call nor warn about it, as they do with an imported `createRequire`. Throws what
 * `require` throws.
 */
export function loadAtRuntime(name: string, from: string): unknown {
  return process.getBuiltinModule('node:module').createRequire(from)(name);
}

/** The path of koffi, which maps files into memory. A thread with a different environment cannot always find it. */
export function mappingLibrary(): string {
  try {
    return process
      .getBuiltinModule('node:module')
      .createRequire(import.meta.url)
      .resolve('koffi');
  } catch {
    return 'koffi';
  }
}

/**
 * Starts a thread. Turbopack follows the first argument of an imported `Worker` and, if it is not a literal, bundles
 * all files of the package, some of which need packages that are not installed.
 */
export function startThreadAtRuntime(program: URL, options: WorkerOptions): Worker {
  const own = ownThreads();
  own.isStarting = true;
  try {
    const worker = new (process.getBuiltinModule('node:worker_threads').Worker)(program, options);
    own.threads.add(worker);
    return worker;
  } finally {
    own.isStarting = false;
  }
}

/** Whether promark itself started a thread, or is starting it: such a thread has no metrics. */
export function isOwnThread(worker: Worker): boolean {
  const { isStarting, threads } = ownThreads();
  return isStarting || threads.has(worker);
}

function ownThreads(): { isStarting: boolean; readonly threads: WeakSet<Worker> } {
  return processWide('ownThreads.v1', () => ({ isStarting: false, threads: new WeakSet<Worker>() }));
}
