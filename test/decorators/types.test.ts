import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

// Compiles two programs against the declarations of the package, in the dialect that this file itself is compiled in:
// types/good.ts has no errors, and types/bad.ts.txt has one in each line that says so, and no others.
const root = resolve(import.meta.dirname, '../..');
const compilers = ['typescript-5.0', 'typescript-5.2', 'typescript-5.9', 'typescript', 'typescript-7'];

function dialect(...on: any[]): any {
  legacy = typeof on[1] !== 'object';
}
let legacy = false;
class Probe {
  @dialect
  run(): void {}
}
void Probe;

/** Runs a compiler; returns its output. */
function tsc(compiler: string, ...args: string[]): Promise<string> {
  const file = join(root, 'node_modules', compiler, 'bin/tsc');
  return new Promise((done) => {
    execFile(process.execPath, [file, ...args], { maxBuffer: 1e8 }, (_error, output) => done(output));
  });
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
  expect(await tsc('typescript-7', '-p', join(folder, 'declarations.json'))).toBe('');
  const program = {
    files: ['good.ts', 'bad.ts'],
    compilerOptions: {
      noEmit: true,
      strict: true,
      target: 'es2022',
      lib: ['es2022'],
      module: 'esnext',
      moduleResolution: 'bundler',
      skipLibCheck: true,
      types: [],
      experimentalDecorators: legacy,
      paths: { promark: ['./promark/lib/index.d.ts'] },
    },
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(program));
});

afterAll(() => rm(folder, { recursive: true }));

describe.each(compilers)('%s', (compiler) => {
  test('accepts correct code, and rejects wrong code with a message that says why', async () => {
    const output = await tsc(compiler, '-p', folder);
    expect(errorsIn('good.ts', output)).toEqual(new Map());
    const errors = errorsIn('bad.ts', output);
    const lines = (await readFile(join(folder, 'bad.ts'), 'utf8')).split('\n');
    const wanted = lines.map((line) => / \/\/! (.*)/.exec(line)?.[1]);
    expect([...errors.keys()].sort((a, b) => a - b)).toEqual(
      wanted.flatMap((text, i) => (text === undefined ? [] : i + 1)),
    );
    for (const [line, message] of errors) expect(message.toLowerCase()).toContain(wanted[line - 1]?.toLowerCase());
  });
});
