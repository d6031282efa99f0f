import { AsyncLocalStorage } from 'node:async_hooks';
import { ConfigError, type Registry, register } from '../index.js';
import { show } from '../model/errors.js';

/** The isolation in which the current code runs. */
const current = new AsyncLocalStorage<object>();
/** The isolations in progress, outermost first. */
const open: object[] = [];

/**
 * Runs a body with an empty default registry, and restores the registry afterwards. Everything the body creates,
 * directly or indirectly, goes to the empty registry: metrics, decorated classes (defined before or in the body), HTTP
 * metrics, default metrics, Nest apps. It has no default labels and no prefix. Metrics created earlier are not in it; for
 * these, use `change`.
 *
 * Returns what the body returns. Rejects with ConfigError for a body that is not a function. Isolations may be nested,
 * but must not overlap: the second one throws an Error.
 *
 * @example
 * await withIsolatedRegistry(async (registry) => {
 *   await new Shop().order('gold');
 *   assert.equal(await sampleValue(registry, 'orders_total', { tier: 'gold' }), 1);
 * });
 */
export async function withIsolatedRegistry<T>(body: (registry: Registry) => T | Promise<T>): Promise<T> {
  if (typeof body !== 'function') throw new ConfigError(`withIsolatedRegistry() takes a function, got ${show(body)}.`);
  if (open.at(-1) !== current.getStore()) {
    throw new Error(
      'withIsolatedRegistry() is already running, and its tests would see the metrics of this one. ' +
        'Await it before the next one starts: tests that run concurrently need separate registries.',
    );
  }
  const isolation = {};
  open.push(isolation);
  const restore = register.isolate();
  try {
    return await current.run(isolation, () => body(register));
  } finally {
    restore();
    open.splice(open.indexOf(isolation), 1);
  }
}
