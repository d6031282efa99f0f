import { CLIENTS } from '../harness/clients.mjs';

const NEST = { promark: 'promark/nest', willsoto: '@willsoto/nestjs-prometheus' };

/** What every Nest app loads. The two modules import different parts of it. */
const APP = ['reflect-metadata', 'rxjs', '@nestjs/common', '@nestjs/core'];

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
    rows: [
      {
        work: 'import of the module for Nest, once Nest is loaded',
        value: 'took',
        unit: 'ms',
        against: 'peers',
        atMost: 1,
      },
    ],
    work: Object.fromEntries(Object.entries(NEST).map(([name, path]) => [name, () => load(path, APP)])),
  },
];

async function load(name, before = []) {
  for (const other of before) await import(other);
  const start = performance.now();
  await import(name);
  return { took: performance.now() - start };
}
