import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { threadProgram } from '../../lib/exporters/thread/start-thread.js';
import { bundle, repository } from '../support/processes.js';
import type { Block } from './blocks.js';

/** Blocks as files of one program, in a folder where the repository's packages are found. */
export interface Program {
  /** Returns the compiler's messages, with the lines of the pages. */
  errors(): Promise<string[]>;
  /** Bundles the blocks that are whole programs, with the repository's promark. */
  build(): Promise<void>;
  /** The file to run of a block that has been built. */
  programOf(block: Block): string;
  remove(): Promise<void>;
}

/** Whether a block runs as it stands. */
export const isProgram = ({ marks }: Block): boolean => marks.includes('run') || marks.includes('serves');

/** Ends a program with its parent, even if that is killed: the pipe to its standard input is closed then. */
const ENDS_WITH_PARENT = "process.stdin.once('end', () => process.exit()).resume().unref();";

/** What the compiler and Node take for modules. */
const asModule = (code: string): string => (/^(import|export) /m.test(code) ? code : `${code}export {};\n`);

/** Nest has parameter decorators, which only the legacy dialect has. */
const isLegacy = ({ code }: Block): boolean => /from '(@nestjs\/|promark\/nest')/.test(code);

export async function programOf(blocks: readonly Block[]): Promise<Program> {
  const folder = await mkdtemp(join(tmpdir(), 'promark-docs-'));
  const names = new Map(
    blocks.map((block) => [block, `${block.page.replaceAll(/\W/g, '-')}-${block.line}-${blocks.indexOf(block)}.ts`]),
  );
  const nameOf = (block: Block): string => names.get(block) ?? '';
  await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'), 'junction');
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await Promise.all(blocks.map((block) => writeFile(join(folder, nameOf(block)), asModule(block.code))));

  const compile = async (legacy: boolean): Promise<string[]> => {
    const chosen = blocks.filter((block) => isLegacy(block) === legacy);
    const config = {
      extends: join(repository, 'tsconfig.base.json'),
      compilerOptions: {
        noUnusedLocals: false,
        noUnusedParameters: false,
        typeRoots: [join(repository, 'node_modules/@types')],
        experimentalDecorators: legacy,
        emitDecoratorMetadata: legacy,
      },
      files: [join(repository, 'test/docs/stand-ins.d.ts'), ...chosen.map(nameOf)],
    };
    const file = join(folder, `tsconfig-${legacy ? 'legacy' : 'standard'}.json`);
    await writeFile(file, JSON.stringify(config));
    const printed = await tsc('-p', file, '--noEmit', '--pretty', 'false');
    const messages = printed.split('\n').filter((line) => line !== '');
    return messages.map((message) => onPage(message, new Map(chosen.map((block) => [nameOf(block), block]))));
  };

  return {
    async build() {
      const built = blocks.filter(isProgram);
      const entryPoints = await Promise.all(
        built.map(async (block) => {
          const entry = join(folder, `run-${nameOf(block)}`);
          // The ports of the docs may be taken.
          await writeFile(entry, asModule(block.code.replaceAll(/\b(8000|9100|3000)\b/g, '0')));
          return entry;
        }),
      );
      const tsconfig = join(repository, 'tsconfig.base.json');
      const banner = { js: ENDS_WITH_PARENT };
      await bundle({
        entryPoints,
        outdir: folder,
        outExtension: { '.js': '.mjs' },
        tsconfig,
        target: 'node20',
        banner,
      });
      await copyFile(threadProgram.locate(), join(folder, 'server-thread.cjs'));
      await copyFile(threadProgram.locateLater(), join(folder, 'server-thread-later.cjs'));
    },
    programOf: (block) => join(folder, `run-${nameOf(block).replace(/\.ts$/, '.mjs')}`),
    errors: async () => (await Promise.all([compile(false), compile(true)])).flat(),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

function tsc(...args: string[]): Promise<string> {
  const compiler = join(repository, 'node_modules/typescript-7/bin/tsc');
  return new Promise((resolve) => {
    execFile(process.execPath, [compiler, ...args], { cwd: repository }, (_error, stdout) => resolve(stdout));
  });
}

/** `file.ts(3,5): error …` as `docs/page.md:45: error …`. */
function onPage(message: string, blocks: ReadonlyMap<string, Block>): string {
  const [, path = '', line = '', text = ''] = /^(.*)\((\d+),\d+\): (.*)$/.exec(message) ?? [];
  const block = blocks.get(path.split('/').at(-1) ?? '');
  return block === undefined ? message : `${block.page}:${block.line + Number(line) - 1}: ${text}`;
}
