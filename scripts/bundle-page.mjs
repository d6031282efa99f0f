// Bundles the live page into one HTML document that makes no outside requests, compressed as it is sent.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, transform } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Next to the modules that look for it, in the sources: the server and the program of its thread. */
const SOURCES = ['lib/exporters', 'lib/exporters/thread'].map((folder) => join(root, folder, 'live-page.html.gz'));

/** Writes the page to files. The default is for programs and tests that run from source, as Jest does before a run. */
export async function bundlePage(outfiles = SOURCES) {
  const [script, style] = await Promise.all([bundleScript(), bundleStyle()]);
  const page = gzipSync(document(script, style), { level: 9 });
  for (const outfile of outfiles) {
    const draft = `${outfile}.${process.pid}`;
    await mkdir(dirname(outfile), { recursive: true });
    await writeFile(draft, page);
    await rename(draft, outfile);
  }
}

async function bundleScript() {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'live-page/main.tsx')],
    bundle: true,
    write: false,
    format: 'iife',
    target: ['chrome100', 'firefox100', 'safari15.4'],
    minify: true,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'error',
  });
  return outputFiles[0].text.trim();
}

async function bundleStyle() {
  const sheets = ['node_modules/uplot/dist/uPlot.min.css', 'live-page/style.css'];
  const styles = await Promise.all(sheets.map((file) => readFile(join(root, file), 'utf8')));
  const { code } = await transform(styles.join('\n'), { loader: 'css', minify: true });
  return code.trim();
}

function document(script, style) {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Metrics</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<div id="app"></div>
<noscript>This page needs JavaScript. <a href="metrics">The metrics as text</a> do not.</noscript>
<script>${script}</script>
</body>
</html>
`;
}
