/**
 * Metrics, decorators, the registry, and exporters.
 *
 * @module promark
 */

export * from './index.js';

/**
 * All exports as one object: most programs for prom-client begin with `import client from 'prom-client'`. Defined here
 * for the sources, and by scripts/build.mjs for the package.
 */
export * as default from './index.js';
