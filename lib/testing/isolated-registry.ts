import { AsyncLocalStorage } from 'node:async_hooks';
import { type Registry, register } from '../index.js';

/** The isolation that the current code runs in. */
const current = new AsyncLocalStorage<object>();
/** The isolations that are under way, outermost first. */
const open: object[] = [];

/**
 * Runs a body with an empty default registry, and restores the registry afterwards. What the body creates or causes to be
 * created is in the empty one: metrics, decorated classes that are defined before or in the body, HTTP metrics, default
 * metrics, Nest apps. Default labels and a prefix are off too. Metrics that were created before are kept out; for these,
 * use `change`.
 *
 * Returns what the body returns. Two isolations may be nested, but must not overlap: the second one throws an Error.
 *
 * @example
 * await withIsolatedRegistry(async (registry) => {
 *   await new Shop().order('gold');
 *   assert.equal(await sampleValue(registry, 'orders_total', { tier: 'gold' }), 1);
 * });
 */
export async function withIsolatedRegistry<T>(body: (registry: Registry) => T | Promise<T>): Promise<T> {
  if (open.at(-1) !== current.getStore()) {
    throw new Error(
      'withIsolatedRegistry() is running already, and its tests would see the metrics of this one. ' +
        'Await it before the next one starts: tests that run concurrently need registries of their own.',
    );
  }
  const isolation = {};
  open.push(isolation);
  const restore = register.setAside();
  try {
    return await current.run(isolation, () => body(register));
  } finally {
    restore();
    open.splice(open.indexOf(isolation), 1);
  }
}
