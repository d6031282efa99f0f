// Compiles the tests of decorators with swc, to show that its output behaves like that of TypeScript.
import { transformSync, version } from '@swc/core';

export default {
  createTransformer({ legacy }) {
    const dialect = legacy ? { legacyDecorator: true, decoratorMetadata: true } : { decoratorVersion: '2022-03' };
    const options = {
      swcrc: false,
      sourceMaps: 'inline',
      module: { type: 'es6' },
      jsc: {
        target: 'es2022',
        parser: { syntax: 'typescript', decorators: true },
        transform: { ...dialect, useDefineForClassFields: true },
      },
    };
    return {
      getCacheKey: (text, path) => [version, JSON.stringify(options), path, text].join('\n'),
      process: (text, path) => transformSync(text, { ...options, filename: path }),
    };
  },
};
