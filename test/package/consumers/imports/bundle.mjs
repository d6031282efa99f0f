// Bundles the given programs, each on its own, with webpack and with esbuild, into webpack/ and esbuild/.
import { createRequire } from 'node:module';
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

// webpack's own, but it only leaves out what is not used: making the rest shorter takes longer than all bundling.
const ofWebpack = createRequire(createRequire(import.meta.url).resolve('webpack'));
const Minimizer = ofWebpack('minimizer-webpack-plugin');
const leavingOut = { defaults: false, unused: true, dead_code: true, side_effects: true };
const minimizer = [new Minimizer({ parallel: false, terserOptions: { mangle: false, compress: leavingOut } })];

const compiler = webpack(
  sources.map((source) => ({
    entry: `./${source}`,
    output: { path: `${import.meta.dirname}/webpack`, filename: `${source}.cjs` },
    target: 'node20',
    mode: 'production',
    // Only with it does webpack leave out what a program does not use.
    optimization: { minimize: source.startsWith('counts-'), minimizer },
  })),
);
compiler.run((error, stats) => {
  if (error !== null || stats.hasErrors()) throw error ?? new Error(stats.toString());
  compiler.close(() => {});
});
