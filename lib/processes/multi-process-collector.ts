import { ConfigError } from '../model/errors.js';
import { GROUP_FOLDER } from '../model/process-wide.js';
import type { Registry } from '../registry/registry.js';
import { collectFrom } from './multiprocess.js';

/**
 * Adds the values of all processes that share a folder to the pages of a registry, like the Python client's collector
 * of the same name. The registry itself is not shared. Use it in a process that only serves the metrics of others.
 * Throws ConfigError without a folder.
 *
 * @example
 * const registry = new Registry();
 * new MultiProcessCollector(registry, { dir: '/dev/shm/shop' });
 */
export class MultiProcessCollector {
  constructor(registry: Registry, { dir = process.env[GROUP_FOLDER] }: { readonly dir?: string | undefined } = {}) {
    if (typeof dir !== 'string' || dir === '') {
      throw new ConfigError(
        `MultiProcessCollector needs a folder: set \`dir\` or the environment variable ${GROUP_FOLDER}.`,
      );
    }
    collectFrom(registry, dir);
  }
}
