// Compiles with esbuild: the sources, because it is fast and they contain no decorators, and the tests of decorators, to
// show that its output behaves like that of TypeScript.
import { transformSync, version } from 'esbuild';
import { GLOBALS } from './jest-globals.cjs';

export default {
  createTransformer({ legacy = false, keepNames = false }) {
    const options = {
      loader: 'ts',
      format: 'esm',
      target: 'es2022',
      sourcemap: 'inline',
      keepNames,
      banner: `const { ${GLOBALS.join(', ')} } = globalThis;`,
      tsconfigRaw: { compilerOptions: { experimentalDecorators: legacy, useDefineForClassFields: true } },
    };
    return {
      getCacheKey: (text, path) => [version, JSON.stringify(options), path, text].join('\n'),
      process: (text, path) => transformSync(text, { ...options, sourcefile: path }),
    };
  },
};
