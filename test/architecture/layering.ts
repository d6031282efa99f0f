import { importsOf, resolveFrom, sourceFiles } from './imports.js';

interface Layer {
  /** Layers that this one may import; it may always import itself. */
  layers: readonly string[];
  /** Packages that it may import besides Node's built-in modules; `@scope/` allows the whole scope. */
  packages?: readonly string[];
}

const core = [
  'model',
  'store',
  'calls',
  'formats',
  'promclient',
  'metrics',
  'registry',
  'replica',
  'processes',
  'decorators',
];
const all = [...core, 'exporters', 'http', 'page', 'lint'];

/** The layers: a layer is a folder of `lib/`, an entry file directly in it, or an entry next to it. */
export const layering: Readonly<Record<string, Layer>> = {
  model: { layers: [] },
  store: { layers: ['model'] },
  calls: { layers: ['model'] },
  formats: { layers: ['model'] },
  promclient: { layers: ['model', 'formats'] },
  metrics: { layers: ['model', 'store', 'calls', 'promclient'] },
  registry: { layers: ['model', 'store', 'metrics', 'formats', 'promclient'] },
  replica: { layers: ['model', 'store', 'metrics', 'formats', 'registry'] },
  processes: { layers: ['model', 'store', 'metrics', 'formats', 'promclient', 'registry', 'replica'] },
  decorators: { layers: ['model', 'calls', 'metrics', 'registry'] },
  exporters: { layers: [...core, 'http', 'page'] },
  http: { layers: ['model', 'metrics', 'registry'] },
  page: { layers: ['model'] },
  lint: { layers: ['model', 'formats'] },
  testing: { layers: ['index.ts', 'model', 'lint'] },
  cli: { layers: [...all, 'index.ts'] },
  'index.ts': { layers: all },
  'promark.ts': { layers: ['index.ts'] },
  'threads.ts': { layers: ['replica'] },
  'express.ts': { layers: ['http'] },
  'fastify.ts': { layers: ['http', 'exporters'] },
  'fetch.ts': { layers: ['http'] },
  'hono.ts': { layers: ['http'] },
  'koa.ts': { layers: ['http'] },
  nest: { layers: ['index.ts'], packages: ['@nestjs/', 'rxjs', 'reflect-metadata'] },
  otel: { layers: ['index.ts'], packages: ['@opentelemetry/'] },
};

/** Entries of the package that others import: they see what every user sees. */
const ENTRIES = ['nest', 'otel'];

/** Every broken rule in the tree at `root`, as one readable line each; empty if there is none. */
export function checkLayering(root: string): string[] {
  const files = ['lib', ...ENTRIES].flatMap((folder) => sourceFiles(root, folder));
  const known = new Set(files);
  const graph = new Map<string, string[]>();
  const faults: string[] = [];
  for (const file of files) {
    const layer = layerOf(file);
    const rule = layering[layer];
    if (rule === undefined)
      faults.push(`${file}: "${layer}" is not a layer; the table knows ${names(Object.keys(layering))}`);
    const targets = new Set<string>();
    for (const { specifier, line } of importsOf(root, file)) {
      const target = specifier.startsWith('.') ? resolveFrom(file, specifier) : undefined;
      if (target !== undefined && known.has(target)) targets.add(target);
      const fault = rule && faultOf(layer, rule, specifier, target, known);
      if (fault) faults.push(`${file}:${line}: imports '${specifier}', ${fault}`);
    }
    graph.set(file, [...targets]);
  }
  return [...faults, ...cyclesIn(graph)];
}

function faultOf(layer: string, rule: Layer, specifier: string, target: string | undefined, known: Set<string>) {
  if (target === undefined) {
    if (specifier.startsWith('node:')) return undefined;
    const packages = rule.packages ?? [];
    const allowed = packages.some(
      (name) => specifier === name || specifier.startsWith(name.endsWith('/') ? name : `${name}/`),
    );
    return allowed ? undefined : `but ${layer} may import from outside: ${names(['node:*', ...packages])}`;
  }
  if (!known.has(target)) return `which is not a source file (${target}) of lib/ or ${names(ENTRIES)}`;
  const to = layerOf(target);
  if (to === layer || rule.layers.includes(to)) return undefined;
  return `a file of ${to}, but ${layer} may import: ${names(rule.layers)}`;
}

function layerOf(file: string): string {
  const [top = '', next = ''] = file.split('/');
  return top === 'lib' ? next : top;
}

function names(list: readonly string[]): string {
  return list.length === 0 ? 'nothing' : list.join(', ');
}

/** Depth-first search: an import of a file that is still being visited closes a cycle, reported as its path. */
function cyclesIn(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const cycles: string[] = [];
  const path: string[] = [];
  const done = new Set<string>();
  const visit = (file: string): void => {
    const open = path.indexOf(file);
    if (open >= 0) cycles.push(`import cycle: ${[...path.slice(open), file].join(' -> ')}`);
    if (open >= 0 || done.has(file)) return;
    path.push(file);
    for (const target of graph.get(file) ?? []) visit(target);
    path.pop();
    done.add(file);
  };
  for (const file of graph.keys()) visit(file);
  return cycles;
}
