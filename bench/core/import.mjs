import { CLIENTS } from '../harness/clients.mjs';

const NEST = { promark: 'promark/nest', willsoto: '@willsoto/nestjs-prometheus' };

/** Loading the package, or its Nest module, in a fresh process, with its files in the page cache. */
export default [
  {
    name: 'import',
    // One number per process, so more processes instead of more samples.
    processes: 7,
    rows: [{ work: 'import of the root', value: 'took', unit: 'ms', against: 'peers', atMost: 0.5 }],
    work: Object.fromEntries(CLIENTS.map((name) => [name, () => load(name)])),
  },
  {
    name: 'import-nest',
    processes: 7,
    rows: [{ work: 'import of the module for Nest', value: 'took', unit: 'ms', against: 'peers', atMost: 1 }],
    work: Object.fromEntries(Object.entries(NEST).map(([name, path]) => [name, () => load(path)])),
  },
];

async function load(name) {
  const start = performance.now();
  await import(name);
  return { took: performance.now() - start };
}
