// Compiles with swc: the tests of decorators, to show that its output behaves like that of TypeScript; and everything that
// uses Nest, because swc is fast and emits the types of parameters.
import { transformSync, version } from '@swc/core';

/** The options for one of the decorator dialects. */
export function swcOptions(legacy) {
  const dialect = legacy ? { legacyDecorator: true, decoratorMetadata: true } : { decoratorVersion: '2022-03' };
  return {
    swcrc: false,
    sourceMaps: true,
    module: { type: 'es6' },
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform: { ...dialect, useDefineForClassFields: true },
    },
  };
}

export default {
  createTransformer({ legacy }) {
    const options = { ...swcOptions(legacy), sourceMaps: 'inline' };
    return {
      getCacheKey: (text, path) => [version, JSON.stringify(options), path, text].join('\n'),
      process: (text, path) => transformSync(text, { ...options, filename: path }),
    };
  },
};
