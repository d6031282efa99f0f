// Bundles the given programs, each on its own, with webpack and with esbuild, into webpack/ and esbuild/.
import { build } from 'esbuild';
import webpack from 'webpack';

const sources = process.argv.slice(2);

for (const source of sources) {
  await build({
    entryPoints: [source],
    outfile: `esbuild/${source}.cjs`,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    minify: true,
    logLevel: 'error',
  });
}

const compiler = webpack(
  sources.map((source) => ({
    entry: `./${source}`,
    output: { path: `${import.meta.dirname}/webpack`, filename: `${source}.cjs` },
    target: 'node20',
    mode: 'production',
    // Only with it does webpack leave out what a program does not use. It takes as long as everything else.
    optimization: { minimize: source.startsWith('counts-') },
  })),
);
compiler.run((error, stats) => {
  if (error !== null || stats.hasErrors()) throw error ?? new Error(stats.toString());
  compiler.close(() => {});
});
