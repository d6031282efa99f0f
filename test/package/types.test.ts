import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { installPacked, type Project } from './packed.js';

/**
 * How a program resolves the package's types, and which program. `node16` reads both copies of them, that for `import`
 * and that for `require`, and also checks the declarations themselves, for which once per compiler is enough.
 */
const ways = {
  node16: {
    module: 'node16',
    moduleResolution: 'node16',
    skipLibCheck: false,
    files: ['core.mts', 'core.cts', 'labels.mts', 'prom-client.mts'],
  },
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext', files: ['core.mts', 'core.cts'] },
  bundler: { module: 'esnext', moduleResolution: 'bundler', files: ['core.ts'] },
  'commonjs, as Nest 11 sets it up': { ...legacy('commonjs', 'node10'), files: ['core.ts', 'nest.ts'] },
  'commonjs from TypeScript 6 on': { ...legacy('commonjs', 'bundler'), files: ['core.ts', 'nest.ts'] },
  'the declarations for Nest checked': { ...legacy('nodenext', 'nodenext'), skipLibCheck: false, files: ['nest.mts'] },
  // good.ts has no errors, and bad.ts has one in each line that says so, and no others.
  'decorators in the standard dialect': decorators(false),
  'decorators in the legacy dialect': decorators(true),
};
type Way = keyof typeof ways;

/** What every compiler is tried with, in the processes that are there anyway: most of the time is spent on starting one. */
const dialects = ['decorators in the standard dialect', 'decorators in the legacy dialect'] as const;

/** What each compiler, by the name of its dev dependency, is tried with; the first is the oldest that works. */
const compilers: Record<string, Way[]> = {
  'typescript-5.0': ['node16', 'commonjs, as Nest 11 sets it up'],
  'typescript-5.2': ['node16', 'commonjs, as Nest 11 sets it up'],
  'typescript-5.9': ['node16', 'nodenext', 'bundler', 'commonjs, as Nest 11 sets it up'],
  typescript: ['node16', 'nodenext', 'bundler', 'commonjs from TypeScript 6 on'],
  'typescript-7': [
    'node16',
    'nodenext',
    'bundler',
    'commonjs from TypeScript 6 on',
    'the declarations for Nest checked',
  ],
};

let project: Project;
/** What each compiler said, by the way that it was tried with. */
const output: Record<string, Record<string, string>> = {};

beforeAll(async () => {
  project = await installPacked();
  await project.borrow('@types', '@nestjs', 'rxjs', ...Object.keys(compilers));
  const queue = Object.entries(compilers);
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [compiler, tried] = next;
      output[compiler] = await check(compiler, [...tried, ...dialects]);
    }
  };
  await Promise.all([work(), work()]);
  // Generous, since all of the compiling happens in this one hook.
}, 900_000);

afterAll(() => project?.remove());

describe.each(Object.entries(compilers))('%s compiles a program', (compiler, tried) => {
  test.each(tried)('with: %s', (way) => {
    expect(output[compiler]?.[way]).toBe('');
  });

  test.each(dialects)(
    'with %s: accepts correct code, and rejects wrong code with a message that says why',
    async (way) => {
      const said = output[compiler]?.[way] ?? '';
      expect(errorsIn('good.ts', said)).toEqual(new Map());
      const errors = errorsIn('bad.ts', said);
      const lines = (await readFile(join(project.folder, compiler, way, 'bad.ts'), 'utf8')).split('\n');
      const wanted = lines.map((line) => / \/\/! (.*)/.exec(line)?.[1]);
      expect([...errors.keys()].sort((a, b) => a - b)).toEqual(
        wanted.flatMap((text, i) => (text === undefined ? [] : i + 1)),
      );
      for (const [line, message] of errors) expect(message.toLowerCase()).toContain(wanted[line - 1]?.toLowerCase());
    },
  );
});

/** The errors of a file: their lines, with all messages of each. */
function errorsIn(file: string, said: string): Map<number, string> {
  const errors = new Map<number, string>();
  for (const block of said.split(/^(?=\S)/m)) {
    const place = /^(.*)\((\d+),\d+\): error/.exec(block);
    if (place?.[1].endsWith(file)) errors.set(Number(place[2]), `${errors.get(Number(place[2])) ?? ''}${block}`);
  }
  return errors;
}

async function check(compiler: string, tried: readonly Way[]): Promise<Record<string, string>> {
  const folderOf = (way: Way) => join(project.folder, compiler, way);
  for (const way of tried) await writeProgram(folderOf(way), way);
  const modules = join(project.folder, 'node_modules', compiler);
  // TypeScript 7 has no API yet, and is quick without.
  if (existsSync(join(modules, 'lib/typescript.js'))) {
    // Optimizing a compiler takes longer than it then saves on programs as small as these.
    const program = join(import.meta.dirname, 'compile.cjs');
    const printed = await project.node('--no-opt', program, modules, ...tried.map(folderOf));
    const said: string[] = JSON.parse(printed);
    return Object.fromEntries(tried.map((way, index) => [way, said[index] ?? 'nothing']));
  }
  const said: Record<string, string> = {};
  for (const way of tried) {
    const compile = project.node(join(modules, 'bin/tsc'), '-p', folderOf(way));
    said[way] = await compile.catch((error) => error.stdout || String(error));
  }
  return said;
}

function legacy(module: string, moduleResolution: string) {
  return { module, moduleResolution, experimentalDecorators: true, emitDecoratorMetadata: true };
}

function decorators(experimentalDecorators: boolean) {
  const resolution = { module: 'esnext', moduleResolution: 'bundler', types: [] };
  return { ...resolution, experimentalDecorators, files: ['good.ts', 'bad.ts'] };
}

function sourceOf(program: string): string {
  if (program === 'core' || program === 'nest') return `consumers/types/${program}.ts`;
  // All but bad.ts are also checked against the sources.
  if (program === 'good') return '../decorators/types/good.ts';
  return program === 'bad' ? '../decorators/types/bad.ts.txt' : `../types/${program}.ts`;
}

/** The extension makes the same program an ES module or CommonJS where Node distinguishes them. */
async function writeProgram(folder: string, way: Way): Promise<void> {
  const { files, ...options } = ways[way];
  await mkdir(folder, { recursive: true });
  for (const file of files) {
    await cp(join(import.meta.dirname, sourceOf(parse(file).name)), join(folder, file));
  }
  const common = { target: 'ES2022', lib: ['ES2022'], types: ['node'], strict: true, noEmit: true, skipLibCheck: true };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...common, ...options }, files }));
}
