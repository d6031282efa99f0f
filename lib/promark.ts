/**
 * Metrics, decorators, the registry, and what serves and pushes pages.
 *
 * @module promark
 */

export * from './index.js';

/**
 * The same names as one object: most programs for prom-client begin with `import client from 'prom-client'`. The sources
 * have it from here, the package from scripts/build.mjs.
 */
export * as default from './index.js';
