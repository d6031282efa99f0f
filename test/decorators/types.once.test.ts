import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

// Compiles two programs against the declarations of the package, in the dialect that this file itself is compiled in:
// types/good.ts has no errors, and types/bad.ts.txt has one in each line that says so, and no others.
const root = resolve(import.meta.dirname, '../..');
const compilers = ['typescript-5.0', 'typescript-5.2', 'typescript-5.9', 'typescript', 'typescript-7'];
const dialects = ['standard', 'legacy'] as const;
type Dialect = (typeof dialects)[number];

/** Runs a program of Node; returns its output. */
function node(...args: string[]): Promise<string> {
  return new Promise((done) => {
    execFile(process.execPath, args, { maxBuffer: 1e8 }, (_error, output) => done(output));
  });
}

/** What a compiler says on the program in each dialect. Those with an API run once for both. */
async function compile(compiler: string): Promise<Record<Dialect, string>> {
  const modules = join(root, 'node_modules', compiler);
  const folders = dialects.map((dialect) => join(folder, dialect));
  const said: string[] = existsSync(join(modules, 'lib/typescript.js'))
    ? JSON.parse(await node('--no-opt', join(root, 'test/package/compile.cjs'), modules, ...folders))
    : await Promise.all(folders.map((project) => node(join(modules, 'bin/tsc'), '-p', project)));
  return { standard: said[0], legacy: said[1] };
}

/** The errors of a file: their lines, with all messages of each. */
function errorsIn(file: string, output: string): Map<number, string> {
  const errors = new Map<number, string>();
  for (const block of output.split(/^(?=\S)/m)) {
    const place = /^(.*)\((\d+),\d+\): error/.exec(block);
    if (place?.[1].endsWith(file)) errors.set(Number(place[2]), `${errors.get(Number(place[2])) ?? ''}${block}`);
  }
  return errors;
}

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'promark-types-'));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  await copyFile(join(import.meta.dirname, 'types/good.ts'), join(folder, 'good.ts'));
  await copyFile(join(import.meta.dirname, 'types/bad.ts.txt'), join(folder, 'bad.ts'));
  const build = join(root, 'tsconfig.build.json');
  const sources = { extends: build, files: [join(root, 'lib/index.ts')], include: [] };
  const declarations = {
    ...sources,
    compilerOptions: { rootDir: root, emitDeclarationOnly: true, outDir: join(folder, 'promark') },
  };
  await writeFile(join(folder, 'declarations.json'), JSON.stringify(declarations));
  const tsc = join(root, 'node_modules/typescript-7/bin/tsc');
  expect(await node(tsc, '-p', join(folder, 'declarations.json'))).toBe('');
  for (const dialect of dialects) {
    const program = {
      files: ['../good.ts', '../bad.ts'],
      compilerOptions: {
        noEmit: true,
        strict: true,
        target: 'es2022',
        lib: ['es2022'],
        module: 'esnext',
        moduleResolution: 'bundler',
        skipLibCheck: true,
        types: [],
        experimentalDecorators: dialect === 'legacy',
        paths: { promark: ['../promark/lib/index.d.ts'] },
      },
    };
    await mkdir(join(folder, dialect));
    await writeFile(join(folder, dialect, 'tsconfig.json'), JSON.stringify(program));
  }
});

afterAll(() => rm(folder, { recursive: true }));

describe.each(compilers)('%s', (compiler) => {
  let output: Record<Dialect, string>;

  beforeAll(async () => {
    output = await compile(compiler);
  });

  test.each(dialects)(
    'accepts correct code, and rejects wrong code with a message that says why, in the %s dialect',
    async (dialect) => {
      expect(errorsIn('good.ts', output[dialect])).toEqual(new Map());
      const errors = errorsIn('bad.ts', output[dialect]);
      const lines = (await readFile(join(folder, 'bad.ts'), 'utf8')).split('\n');
      const wanted = lines.map((line) => / \/\/! (.*)/.exec(line)?.[1]);
      expect([...errors.keys()].sort((a, b) => a - b)).toEqual(
        wanted.flatMap((text, i) => (text === undefined ? [] : i + 1)),
      );
      for (const [line, message] of errors) expect(message.toLowerCase()).toContain(wanted[line - 1]?.toLowerCase());
    },
  );
});
