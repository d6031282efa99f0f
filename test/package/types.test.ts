import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { installPacked, type Project } from './packed.js';

/**
 * How a program finds the package's types. `node16` reads both copies of them, the one for `import` and the one for
 * `require`, and checks the declarations themselves too; there is no need to do that more than once a compiler.
 */
const ways = {
  node16: { module: 'node16', moduleResolution: 'node16', skipLibCheck: false },
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
  'commonjs, as Nest 11 sets it up': { module: 'commonjs', moduleResolution: 'node10', experimentalDecorators: true },
  'commonjs from TypeScript 6 on': { module: 'commonjs', moduleResolution: 'bundler', experimentalDecorators: true },
};
type Way = keyof typeof ways;

/** What each compiler, by the name of its dev dependency, is tried with; the first is the oldest that works. */
const compilers: Record<string, Way[]> = {
  'typescript-5.0': ['node16', 'commonjs, as Nest 11 sets it up'],
  'typescript-5.2': ['node16', 'commonjs, as Nest 11 sets it up'],
  'typescript-5.9': ['node16', 'nodenext', 'bundler', 'commonjs, as Nest 11 sets it up'],
  typescript: ['node16', 'nodenext', 'bundler', 'commonjs from TypeScript 6 on'],
  'typescript-7': ['node16', 'nodenext', 'bundler', 'commonjs from TypeScript 6 on'],
};

let project: Project;

beforeAll(async () => {
  project = await installPacked();
  await project.borrow('@types', ...Object.keys(compilers));
}, 120_000);

afterAll(() => project?.remove());

describe.each(Object.entries(compilers))('%s compiles a program', (compiler, tried) => {
  test.each(tried)('with %s', async (way) => {
    const folder = join(project.folder, compiler, way);
    await writeProgram(folder, way);
    const compile = project.node(resolve(project.folder, 'node_modules', compiler, 'bin/tsc'), '-p', folder);
    expect(await compile.catch((error) => error.stdout || String(error))).toBe('');
  });
});

/** The same program as an ES module and as CommonJS where Node tells them apart. */
async function writeProgram(folder: string, way: Way): Promise<void> {
  await mkdir(folder, { recursive: true });
  const program = join(import.meta.dirname, 'consumers/types/program.ts');
  const names = way.startsWith('node') ? ['program.mts', 'program.cts'] : ['program.ts'];
  for (const name of names) await cp(program, join(folder, name));
  const common = { target: 'ES2022', lib: ['ES2022'], types: ['node'], strict: true, noEmit: true, skipLibCheck: true };
  const compilerOptions = { ...common, ...ways[way] };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: names }));
}
