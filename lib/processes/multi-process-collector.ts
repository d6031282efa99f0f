import { ConfigError } from '../model/errors.js';
import { checkOptions, rule } from '../model/options.js';
import { GROUP_FOLDER, groupFolder } from '../model/process-wide.js';
import type { Registry } from '../registry/registry.js';
import { registryList } from '../registry/registry-options.js';
import { collectFrom } from './multiprocess.js';

/** Options of `MultiProcessCollector`. */
export interface MultiProcessCollectorOptions {
  /** The folder that the processes share. Default: `PROMETHEUS_MULTIPROC_DIR`. */
  readonly dir?: string | undefined;
}

/**
 * Adds the values of all processes that share a folder to the pages of a registry, like the Python client's collector
 * of the same name. The registry itself is not shared. Use it in a process that only serves the metrics of others.
 * Throws ConfigError without a folder and for invalid options.
 *
 * @example
 * const registry = new Registry();
 * new MultiProcessCollector(registry, { dir: '/dev/shm/shop' });
 */
export class MultiProcessCollector {
  constructor(registry: Registry, options: MultiProcessCollectorOptions = {}) {
    registryList('MultiProcessCollector', [registry]);
    checkOptions<MultiProcessCollectorOptions>('MultiProcessCollector', options, { dir: rule.string });
    const { dir = groupFolder() } = options;
    if (typeof dir !== 'string' || dir === '') {
      throw new ConfigError(
        `MultiProcessCollector needs a folder: set \`dir\` or the environment variable ${GROUP_FOLDER}.`,
      );
    }
    collectFrom(registry, dir);
  }
}
