import { gzipSync } from 'node:zlib';
import { CLIENTS } from '../harness/clients.mjs';

const PROGRAM = `
  const requests = new Counter({ name: 'requests_total', help: 'Requests' });
  requests.inc();
  console.log(await register.metrics());
`;

/** A program with a counter and a page, bundled by esbuild, minified and compressed. */
export default {
  name: 'bundle',
  rows: [
    { work: 'bundle of a counter and a page', value: 'size', unit: 'kB', against: 'itself', atMost: 20 },
    { work: 'bundle of a counter and a page', value: 'size', unit: 'kB', against: 'peers', atMost: 1 },
  ],
  work: Object.fromEntries(CLIENTS.map((name) => [name, () => sizeOf(name)])),
};

async function sizeOf(name) {
  const { build } = await import('esbuild');
  const contents = `import { Counter, register } from '${name}';${PROGRAM}`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'node',
    logLevel: 'error',
  });
  return { size: gzipSync(outputFiles[0].contents).length / 1000 };
}
