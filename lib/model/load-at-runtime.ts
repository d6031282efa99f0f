import type { Worker, WorkerOptions } from 'node:worker_threads';

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
