import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { installPacked, type Project } from './packed.js';

const run = promisify(execFile);
const repository = resolve(import.meta.dirname, '../..');
const sources = join(import.meta.dirname, 'consumers/nest-app');

const nests: Record<string, string> = { 'Nest 11': 'test/nest-11/node_modules', 'Nest 12': 'node_modules' };
const types = ['commonjs', 'module'] as const;
type ModuleType = (typeof types)[number];

/** Compiles `src/*.ts` of a folder to `out/*.js`. */
const compilers: Record<string, (folder: string, type: ModuleType) => Promise<unknown>> = {
  tsc: async (folder, type) => {
    const compilerOptions = {
      target: 'ES2022',
      ...(type === 'module' ? { module: 'NodeNext' } : { module: 'CommonJS', moduleResolution: 'bundler' }),
      types: ['node'],
      typeRoots: [join(repository, 'node_modules/@types')],
      rootDir: 'src',
      outDir: 'out',
      strict: true,
      skipLibCheck: true,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
    };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }));
    const tsc = join(repository, 'node_modules/typescript-7/bin/tsc');
    await node(folder, tsc, '-p', '.').catch((error) => {
      throw new Error(error.stdout || String(error));
    });
  },
  swc: (folder, type) => {
    const jsc = {
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
      target: 'es2022',
    };
    const options = { swcrc: false, jsc, module: { type: type === 'module' ? 'es6' : 'commonjs' } };
    return transform(folder, `require('@swc/core').transformSync(text, ${JSON.stringify(options)}).code`);
  },
  esbuild: (folder, type) => {
    const options = {
      loader: 'ts',
      format: type === 'module' ? 'esm' : 'cjs',
      target: 'es2022',
      tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
    };
    return transform(folder, `require('esbuild').transformSync(text, ${JSON.stringify(options)}).code`);
  },
};

let project: Project;

beforeAll(async () => {
  project = await installPacked();
  await Promise.all(
    Object.entries(nests).flatMap(([nest, modules]) => types.map((type) => prepare(nest, modules, type))),
  );
}, 120_000);

afterAll(() => project?.remove());

describe.each(Object.keys(nests))('%s', (nest) => {
  describe.each(types)('as %s', (type) => {
    test.each(Object.keys(compilers))(
      'compiled by %s',
      async (compiler) => {
        const folder = folderOf(nest, type);
        await compilers[compiler]?.(folder, type);
        for (const adapter of ['express', 'fastify']) {
          const page = await node(folder, 'out/main.js', adapter);
          expect(page).toMatch(/^gold\n/);
          expect(page).toContain('orders_total{result="ok",tier="gold"} 1\n');
          expect(page).toContain('method_duration_seconds_count{class="ShopService",method="order",result="ok"} 1\n');
          expect(page).toContain(
            'method_calls_total{class="ShopController",method="order",result="ok",exception="none"} 1\n',
          );
          expect(page).toContain('method_inprogress{class="ShopService",method="order"} 0\n');
          expect(page).toContain('carts_open 1\n');
          expect(page).toMatch(/^process_cpu_seconds_total /m);
        }
      },
      60_000,
    );
  });
});

function folderOf(nest: string, type: ModuleType): string {
  return join(project.folder, `${nest} ${type}`);
}

/** A project with the sources, the packed promark and one version of Nest. */
async function prepare(nest: string, modules: string, type: ModuleType): Promise<void> {
  const folder = folderOf(nest, type);
  await cp(sources, join(folder, 'src'), { recursive: true });
  await mkdir(join(folder, 'out'));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'app', private: true, type }));
  const own = join(folder, 'node_modules');
  await cp(join(project.folder, 'node_modules/promark'), join(own, 'promark'), { recursive: true });
  await symlink(join(repository, modules, '@nestjs'), join(own, '@nestjs'), 'junction');
  for (const shared of ['rxjs', 'reflect-metadata']) {
    await symlink(join(repository, 'node_modules', shared), join(own, shared), 'junction');
  }
}

/** In a separate process: compilers written in other languages do not recognize Jest's typed arrays. */
async function transform(folder: string, code: string): Promise<void> {
  const files = (await readdir(join(folder, 'src'))).map((file) => [
    join(folder, 'src', file),
    join(folder, 'out', file.replace(/\.ts$/, '.js')),
  ]);
  const program = `for (const [from, to] of ${JSON.stringify(files)}) {
    const { readFileSync, writeFileSync } = require('node:fs');
    const text = readFileSync(from, 'utf8');
    writeFileSync(to, ${code});
  }`;
  await node(repository, '-e', program);
}

async function node(cwd: string, ...args: string[]): Promise<string> {
  // Without what Jest adds for its own children.
  const { NODE_OPTIONS: _, NODE_ENV: __, ...env } = process.env;
  return (await run(process.execPath, args, { cwd, env })).stdout;
}
