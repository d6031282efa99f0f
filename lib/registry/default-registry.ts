import { defaultRegistry, warnIfNotShared } from '../metrics/metric-registry.js';
import type { Faults } from '../model/faults.js';
import { isOwnContext } from '../model/load-at-runtime.js';
import { processWide } from '../model/process-wide.js';
import { Registry } from './registry.js';
import { linkThreads } from './thread-link.js';

/** The folder that the first copy of promark was loaded from. */
const first = processWide<{ folder?: string }>('copies.v1', () => ({}));

/**
 * The default registry, which metrics that name none are registered in. All copies of promark in a process share it.
 */
export const defaultRegister: Registry = forCopy(
  import.meta.url,
  defaultRegistry(
    () => {
      const registry = new Registry();
      linkThreads(registry);
      return registry;
    },
    isLoadedAgain(import.meta.url),
  ),
);

/**
 * Whether this file was already evaluated in this `vm` context: a test that calls `jest.resetModules()` expects a fresh
 * registry, as with other libraries.
 */
function isLoadedAgain(url: string | undefined): boolean {
  if (typeof url !== 'string') return false;
  const loaded = processWide('loaded.v1', () => new Set<string>());
  const isAgain = loaded.has(url);
  loaded.add(url);
  return isAgain && isOwnContext();
}

/**
 * Returns the registry after its initialization. As separate statements, these calls would be kept in bundles of
 * programs that do not use the default registry.
 */
function forCopy(url: string | undefined, registry: Registry): Registry {
  noteCopy(url, registry.faults);
  // The code that shares registries is evaluated after this module.
  queueMicrotask(warnIfNotShared);
  return registry;
}

/**
 * Logs, once for each folder, that this copy of promark was loaded from another folder than the first one. The ESM and
 * the CommonJS build of a package are in the same folder.
 */
function noteCopy(url: string | undefined, faults: Faults): void {
  // A bundler may replace `import.meta.url` by anything.
  if (typeof url !== 'string') return;
  const folder = url.replace(/^file:\/\/|\/[^/]*$/g, '');
  first.folder ??= folder;
  if (folder === first.folder) return;
  faults.warn?.(
    `promark is loaded from two folders, ${first.folder} and ${folder}. Both copies record in the same registries, but ` +
      'they may be of different versions: `npm ls promark` lists the packages that bring them.',
  );
}
