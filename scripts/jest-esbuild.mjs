// Compiles with esbuild, for the run of the decorator suite that shows that its output behaves like the compiler's own.
import { transformSync, version } from 'esbuild';

export default {
  createTransformer({ legacy }) {
    const options = {
      loader: 'ts',
      format: 'esm',
      target: 'es2022',
      sourcemap: 'inline',
      // Without it a class that mentions itself is called `_Shop`, and so would its label be.
      keepNames: true,
      tsconfigRaw: { compilerOptions: { experimentalDecorators: legacy, useDefineForClassFields: true } },
    };
    return {
      getCacheKey: (text, path) => [version, JSON.stringify(options), path, text].join('\n'),
      process: (text, path) => transformSync(text, { ...options, sourcefile: path }),
    };
  },
};
