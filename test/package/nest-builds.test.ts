import { cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { installPacked, node, type Project } from './packed.js';

const repository = resolve(import.meta.dirname, '../..');
const sources = join(import.meta.dirname, 'consumers/nest-app');

const nests: Record<string, string> = { 'Nest 11': 'test/nest-11/node_modules', 'Nest 12': 'node_modules' };
const types = ['commonjs', 'module'] as const;
type ModuleType = (typeof types)[number];

/** Compiles `src/*.ts` of folders to `out/NAME/*.js`. */
const compilers: Record<string, (folders: readonly Folder[], out: string) => Promise<unknown>> = {
  tsc: async (folders, out) => {
    for (const { folder, type } of folders) {
      const compilerOptions = {
        target: 'ES2022',
        ...(type === 'module' ? { module: 'NodeNext' } : { module: 'CommonJS', moduleResolution: 'bundler' }),
        types: ['node'],
        typeRoots: [join(repository, 'node_modules/@types')],
        rootDir: 'src',
        outDir: out,
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
    }
  },
  swc: (folders, out) => {
    const jsc = {
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
      target: 'es2022',
    };
    const options = (type: ModuleType) => ({
      swcrc: false,
      jsc,
      module: { type: type === 'module' ? 'es6' : 'commonjs' },
    });
    return transform(folders, out, options, "require('@swc/core').transformSync(text, options).code");
  },
  esbuild: (folders, out) => {
    const options = (type: ModuleType) => ({
      loader: 'ts',
      format: type === 'module' ? 'esm' : 'cjs',
      target: 'es2022',
      tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
    });
    return transform(folders, out, options, "require('esbuild').transformSync(text, options).code");
  },
};

/** A project with the sources, the packed promark and one version of Nest. */
interface Folder {
  readonly folder: string;
  readonly type: ModuleType;
}

let project: Project;

beforeAll(async () => {
  project = await installPacked();
  const folders = await Promise.all(
    Object.entries(nests).flatMap(([nest, modules]) => types.map((type) => prepare(nest, modules, type))),
  );
  await Promise.all(Object.entries(compilers).map(([name, compile]) => compile(folders, join('out', name))));
  // Generous, since all of the compiling happens in this one hook.
}, 900_000);

afterAll(() => project?.remove());

describe.each(Object.keys(nests))('%s', (nest) => {
  describe.each(types)('as %s', (type) => {
    /** Each compiler's program prints two. */
    let pages: string[];

    beforeAll(async () => {
      // In one process, since loading Nest takes longer than everything else.
      const programs = Object.keys(compilers).map((name) => `./out/${name}/main.js`);
      const code = `for (const program of ${JSON.stringify(programs)}) { const { default: all, done = all.done } = await import(program); await done; }`;
      await writeFile(join(folderOf(nest, type), 'all.mjs'), code);
      pages = (await node(folderOf(nest, type), 'all.mjs')).split(/^gold\n/m).slice(1);
    }, 240_000);

    test.each(Object.keys(compilers))('compiled by %s', (compiler) => {
      expect(pages).toHaveLength(2 * Object.keys(compilers).length);
      // All apps record in the default registry.
      const earlier = 2 * Object.keys(compilers).indexOf(compiler);
      for (const orders of [earlier + 1, earlier + 2]) {
        const page = pages[orders - 1];
        expect(page).toContain(`orders_total{result="ok",tier="gold"} ${orders}\n`);
        expect(page).toContain(
          `method_duration_seconds_count{class="ShopService",method="order",result="ok"} ${orders}\n`,
        );
        expect(page).toContain(
          `method_calls_total{class="ShopController",method="order",result="ok",exception="none"} ${orders}\n`,
        );
        expect(page).toContain('method_inprogress{class="ShopService",method="order"} 0\n');
        expect(page).toContain(`carts_open ${orders}\n`);
        expect(page).toMatch(/^process_cpu_seconds_total /m);
      }
    });
  });
});

function folderOf(nest: string, type: ModuleType): string {
  return join(project.folder, `${nest} ${type}`);
}

async function prepare(nest: string, modules: string, type: ModuleType): Promise<Folder> {
  const folder = folderOf(nest, type);
  await cp(sources, join(folder, 'src'), { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'app', private: true, type }));
  const own = join(folder, 'node_modules');
  await cp(join(project.folder, 'node_modules/promark'), join(own, 'promark'), { recursive: true });
  await symlink(join(repository, modules, '@nestjs'), join(own, '@nestjs'), 'junction');
  for (const shared of ['rxjs', 'reflect-metadata']) {
    await symlink(join(repository, 'node_modules', shared), join(own, shared), 'junction');
  }
  return { folder, type };
}

/** In a process of its own: compilers written in other languages do not know the typed arrays of Jest's. */
async function transform(
  folders: readonly Folder[],
  out: string,
  optionsFor: (type: ModuleType) => object,
  code: string,
): Promise<void> {
  const jobs = [];
  for (const { folder, type } of folders) {
    await mkdir(join(folder, out), { recursive: true });
    for (const file of await readdir(join(folder, 'src'))) {
      const to = join(folder, out, file.replace(/\.ts$/, '.js'));
      jobs.push({ from: join(folder, 'src', file), to, options: optionsFor(type) });
    }
  }
  const program = `for (const { from, to, options } of ${JSON.stringify(jobs)}) {
    const { readFileSync, writeFileSync } = require('node:fs');
    const text = readFileSync(from, 'utf8');
    writeFileSync(to, ${code});
  }`;
  await node(repository, '-e', program);
}
