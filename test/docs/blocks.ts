import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../support/processes.js';

/** A block of code on a page. */
export interface Block {
  /** The page, relative to the repository. */
  readonly page: string;
  /** The line of its first line, counted from 1. */
  readonly line: number;
  readonly code: string;
  /**
   * What follows the language on its fence: `continued` if it goes on from the block before, `run` if it is a whole program
   * that ends, `serves` if it stays up, and the name of its file.
   */
  readonly marks: readonly string[];
}

/** The pages whose blocks readers copy. */
export function pages(): string[] {
  const docs = readdirSync(join(repository, 'docs')).filter((name) => name.endsWith('.md'));
  const samples = readdirSync(join(repository, 'samples')).map((name) => `samples/${name}/README.md`);
  return ['README.md', ...docs.map((name) => `docs/${name}`), ...samples];
}

/** The blocks of a page that are TypeScript, each with the code of those that it continues. */
export function blocksOn(page: string): Block[] {
  return fencesOn(page, 'ts');
}

/** The blocks of a page in a language. */
export function fencesOn(page: string, wanted: string): Block[] {
  const blocks: Block[] = [];
  let open: { line: number; indent: number; marks: string[]; lines: string[] } | undefined;
  for (const [i, text] of readFileSync(join(repository, page), 'utf8').split('\n').entries()) {
    const [, indent = '', language = ''] = /^(\s*)```(.*)$/.exec(text) ?? [];
    const isFence = text.trimStart().startsWith('```');
    if (open === undefined) {
      const [name, ...marks] = language.split(' ');
      if (isFence) open = { line: i + 2, indent: indent.length, marks: [name, ...marks], lines: [] };
    } else if (isFence) {
      const [name, ...marks] = open.marks;
      if (name === wanted) blocks.push(block(page, open.line, open.lines, marks, blocks.at(-1)));
      open = undefined;
    } else open.lines.push(text.slice(open.indent));
  }
  return blocks;
}

function block(page: string, line: number, lines: readonly string[], marks: string[], before?: Block): Block {
  const code = `${lines.join('\n')}\n`;
  if (!marks.includes('continued')) return { page, line, code, marks };
  if (before === undefined) throw new Error(`${page}:${line} continues a block, and there is none before it`);
  // As if in its place, so that the compiler names the lines of the page.
  const gap = line - before.line - (before.code.split('\n').length - 1);
  return { page, line: before.line, code: before.code + '\n'.repeat(gap) + code, marks };
}
