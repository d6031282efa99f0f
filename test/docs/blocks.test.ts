import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { transform } from 'esbuild';
import { scrape } from 'promark/testing';
import { start } from '../exporters/programs.js';
import { plainEnvironment, repository } from '../support/processes.js';
import { until } from '../support/until.js';
import { type Block, blocksOn, pages } from './blocks.js';
import { type Program, programOf } from './compile.js';

const blocks = pages().flatMap(blocksOn);
let program: Program;

beforeAll(async () => {
  program = await programOf(blocks);
  await program.build();
});

afterAll(() => program?.remove());

test('every block of TypeScript in the docs compiles as it is copied, under strict', async () => {
  expect(blocks.length).toBeGreaterThan(40);
  expect(await program.errors()).toEqual([]);
});

test('what a newcomer copies from the README first also runs in a package without "type": "module"', async () => {
  const readme = readFileSync(join(repository, 'README.md'), 'utf8');
  const before = readme.slice(0, readme.indexOf('## Metrics')).split('\n').length;
  const first = blocks.filter(({ page, line }) => page === 'README.md' && line < before);
  expect(first).toHaveLength(6);
  // As tsx does; top-level await is an error then.
  for (const { code } of first) await transform(code, { loader: 'ts', format: 'cjs' });
});

describe('a block that is a whole program', () => {
  const runnable = blocks.filter(({ marks }) => marks.includes('run'));

  test.each(runnable.map((block) => [`${block.page}:${block.line}`, block] as const))('runs: %s', async (_, block) => {
    await promisify(execFile)(process.execPath, [program.programOf(block)], { env: plainEnvironment() });
  });

  test('the first one of the README stays up and shows the lines below it', async () => {
    const hero = blocks[0];
    const lines = linesBelow(hero);
    expect(lines).toHaveLength(3);
    const { url, process: running, ended } = await start([process.execPath, program.programOf(hero)]);
    const series = lines.map((line) => line.replace(/ \d+$/, ' '));
    await until('the lines of the README', async () => {
      const { text } = await scrape(url);
      return series.every((name) => text.includes(`\n${name}`));
    });
    running.kill('SIGINT');
    expect((await ended).signal).toBe('SIGINT');
  });
});

/** The lines of the plain block that follows a block. */
function linesBelow({ page, line }: Block): string[] {
  const after = readFileSync(join(repository, page), 'utf8').split('\n').slice(line);
  const start = after.indexOf('```', after.indexOf('```') + 1) + 1;
  return after.slice(start, after.indexOf('```', start));
}
