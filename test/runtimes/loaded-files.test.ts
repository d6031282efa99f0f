import { execFile } from 'node:child_process';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { repository } from './project.js';

const dataUrl = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;

/** Prints the path of each file that is imported from then on. */
const HOOKS = `
  export async function load(url, context, next) {
    if (url.startsWith('file:')) process._rawDebug(url);
    return next(url, context);
  }`;

/** Runs a program that imports promark, and returns the names of the files that Node loads for it. */
async function loadedBy(program: string): Promise<string[]> {
  const register = `import { register } from 'node:module'; register(${JSON.stringify(dataUrl(HOOKS))});`;
  const args = ['--import', dataUrl(register), '--input-type=module', '-e', program];
  const { stderr } = await promisify(execFile)(process.execPath, args, { cwd: repository });
  return stderr
    .trim()
    .split('\n')
    .map((url) => basename(url))
    .sort();
}

test('Node loads two files for a program that only counts', async () => {
  const program = `import { Counter } from 'promark'; new Counter({ name: 'a_total', help: 'A' }).inc();`;
  expect(await loadedBy(program)).toEqual(['index.node.js', 'node.js']);
});
