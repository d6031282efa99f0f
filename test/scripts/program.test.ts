import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from '@jest/globals';
import { repository } from '../support/processes.js';

const folder = mkdtempSync(join(tmpdir(), 'promark-program-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, source: string): string {
  const file = join(folder, name);
  const from = JSON.stringify(pathToFileURL(join(repository, 'scripts/program.mjs')).href);
  writeFileSync(file, source.replace('PROGRAM', from));
  return file;
}

function run(file: string, args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('the command line of a program', () => {
  const file = write(
    'cook.mjs',
    `// Cooks dishes.
//
//   node cook.mjs [dishes]
import { readCommandLine, rule } from PROGRAM;

const { values, operands } = readCommandLine(import.meta.url, {
  options: {
    hot: { type: 'boolean', default: false },
    minutes: { type: 'string', rule: rule.wholeNumber(1) },
    spices: { type: 'string', rule: rule.listOf(rule.oneOf(['salt', 'pepper'])) },
  },
  operands: { most: 2, rule: rule.oneOf(['soup', 'rice']) },
});
console.log(JSON.stringify({ ...values, operands }));
`,
  );

  test('is parsed', () => {
    const { status, stdout } = run(file, ['rice', '--hot', '--minutes', '5', '--spices=salt,pepper']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ hot: true, minutes: '5', spices: 'salt,pepper', operands: ['rice'] });
  });

  test.each(['--help', '-h'])('%s prints the comment at the top of its file', (option) => {
    const stdout = 'Cooks dishes.\n\n  node cook.mjs [dishes]\n';
    expect(run(file, [option])).toEqual({ status: 0, stdout, stderr: '' });
  });

  const options = 'options are --hot, --minutes <value>, --spices <value>, --help.';
  test.each([
    [['--hto'], `unknown option '--hto'; ${options}`],
    [['--minutes'], `option '--minutes <value>' argument missing; ${options}`],
    [['--hot=5'], `option '--hot' does not take an argument; ${options}`],
    [['--minutes', 'x'], '--minutes must be a whole number of at least 1, got "x".'],
    [['--minutes', '2.5'], '--minutes must be a whole number of at least 1, got "2.5".'],
    [
      ['--spices', 'salt,mint'],
      '--spices must be one of salt, pepper, or several separated by commas, got "salt,mint".',
    ],
    [['fish'], 'expected one of soup, rice, got "fish".'],
    [['soup', 'rice', 'soup'], 'too many operands, "soup" is one of them; --help says which.'],
  ])('%j is refused in one line', (args, message) => {
    expect(run(file, args)).toEqual({ status: 2, stdout: '', stderr: `cook: ${message}\n` });
  });
});

test('a temporary folder is removed when its program ends, and when it is interrupted', async () => {
  const file = write(
    'folder.mjs',
    `import { temporaryFolder } from PROGRAM;
console.log(temporaryFolder('promark-program-'));
if (process.argv[2] === 'stay') setInterval(() => {}, 1000);
`,
  );
  const { status, stdout } = run(file, []);
  expect([status, existsSync(stdout.trim())]).toEqual([0, false]);
  const child = spawn(process.execPath, [file, 'stay'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  expect(existsSync(line.trim())).toBe(true);
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([130, null]);
  expect(existsSync(line.trim())).toBe(false);
});

describe('the programs of the repository', () => {
  const { scripts } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
  const files = Object.values<string>(scripts).flatMap(
    (script) => /^node ((?:scripts|bench)\/\S+)/.exec(script)?.[1] ?? [],
  );

  test.each([...new Set(files)])('%s refuses unknown options', (file) => {
    const { status, stdout, stderr } = run(join(repository, file), ['--unknown']);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^[a-z]+: unknown option '--unknown'; options are .+\.\n$/);
  });

  test.each([
    [['cora'], 'expected one of core,'],
    [['core', '--filter', 'no-such'], 'no case starts with no-such; there are '],
    [['core', '--clients', 'promark,nobody'], 'there is no client "nobody"; there are '],
    [['--rounds', '0'], '--rounds must be a whole number of at least 1, got "0".'],
    [['--nodes', 'new'], '--nodes must be a whole number of at least 20, or several'],
    [['core', 'native', '--out', 'file.json'], '--out takes the results of one group.'],
    [['core', '--fail-above', '1.1'], '--fail-above needs --against <commit>.'],
    [['core', '--instructions'], '--instructions needs --against <commit>.'],
    [['core', '--against', 'no-such'], '--against must be a commit or a folder with a build, got "no-such".'],
  ])('bench %j is refused', (args, message) => {
    const { status, stdout, stderr } = run(join(repository, 'bench/run.mjs'), args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^bench: .+\n$/);
    expect(stderr).toContain(message);
  });

  // Programs begin with a comment on how to run them; what others import does not.
  test('read their command lines in one way', () => {
    const others = ['scripts', 'bench', 'test/load'].flatMap((place) =>
      readdirSync(join(repository, place)).flatMap((name) => {
        const file = `${place}/${name}`;
        if (!name.endsWith('.mjs') || name.startsWith('jest-')) return [];
        const text = readFileSync(join(repository, file), 'utf8');
        const isRun = files.includes(file) || new RegExp(`^//.*node ${file}`, 'm').test(text);
        return isRun && !text.includes('readCommandLine(import.meta.url') ? [file] : [];
      }),
    );
    expect(others).toEqual(['bench/measure.mjs']);
  });
});
