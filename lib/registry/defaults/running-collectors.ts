import type { Options } from './options.js';

/** A started collector and how many handles have not been stopped yet. */
export interface RunningCollector {
  readonly scope: { readonly intact: boolean; readonly options: Options; stop(): void };
  users: number;
}

const SHELF = Symbol.for('promark.defaultMetrics.v1');

interface Shelf {
  [SHELF]?: WeakMap<object, Map<string, RunningCollector>>;
}

/**
 * The collectors that run on a registry, by name and prefix. The list hangs on the global object beside the default
 * registry: an ESM and a CommonJS copy of promark in one process share both.
 */
export function runningOn(registry: object): Map<string, RunningCollector> {
  const shelf = globalThis as Shelf;
  shelf[SHELF] ??= new WeakMap();
  let running = shelf[SHELF].get(registry);
  if (running === undefined) {
    running = new Map();
    shelf[SHELF].set(registry, running);
  }
  return running;
}
