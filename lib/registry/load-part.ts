import { loadAtRuntime } from '../model/load-at-runtime.js';
import type { Registry } from './registry.js';

/**
 * Loads, at once, a part of the package that most programs do not need, so that they neither load nor bundle it. Returns
 * undefined, and logs what is missing on the pages, where a bundler has left it out.
 *
 * @param name Of an entry point that `scripts/build.mjs` writes next to this module.
 * @param missing What pages lack without it, as the beginning of a sentence.
 */
export function loadPart(name: string, registry: Registry, missing: string): unknown {
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
  try {
    return loadAtRuntime(`./${name}${extension}`, import.meta.url);
  } catch (error) {
    registry.faults.warn(
      `${missing}, because a part of promark cannot be loaded. ` +
        `Where a bundler has left it out, keep promark out of the bundle: ${String(error)}`,
    );
    return undefined;
  }
}
