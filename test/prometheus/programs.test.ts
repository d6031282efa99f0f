import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ruling } from '../support/required-programs.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'promark-programs-'));
  await writeFile(join(folder, 'prometheus'), '');
  await chmod(join(folder, 'prometheus'), 0o755);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test('tests run if their programs are installed', () => {
  expect(ruling(['prometheus'], { PATH: `/nowhere:${folder}`, CI: 'true' })).toEqual({ verdict: 'run' });
});

test('tests are skipped, with the reason, if a program is missing', () => {
  expect(ruling(['prometheus', 'promtool'], { PATH: folder })).toEqual({
    verdict: 'skip',
    reason: expect.stringContaining('not on the PATH: promtool (Debian packages'),
  });
  expect(ruling(['prometheus'], {}).verdict).toBe('skip');
});

test('in CI a missing program is a failure', () => {
  expect(ruling(['promtool'], { PATH: folder, CI: 'true' }).verdict).toBe('fail');
});
