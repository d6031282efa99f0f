import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { sampleValue } from 'promark/testing';
import { type Program, start } from '../exporters/programs.js';
import { newFolder } from '../processes/folder.js';
import { ask } from '../support/http-client.js';
import { until } from '../support/until.js';
import { type Project, projectOf } from './project.js';
import { bun, deno, describeIn } from './runtime.js';

let project: Project;
const running: Program[] = [];

beforeAll(async () => {
  project = await projectOf('test/runtimes/group.program.ts');
});

afterEach(async () => {
  for (const { process } of running) process.kill('SIGKILL');
  await Promise.all(running.splice(0).map(({ ended }) => ended));
});

afterAll(() => project?.remove());

/** Starts the program in a runtime, as a member of the group that has the folder. */
async function startMember(who: string, command: readonly string[], env: NodeJS.ProcessEnv): Promise<Program> {
  const file = project.file('group.program.ts');
  const program = await start([...command, file], { WHO: who, NO_COLOR: '1', ...env });
  running.push(program);
  return program;
}

const pageOf = async ({ url }: Program): Promise<string> => (await ask(url)).body.toString();

for (const runtime of [bun, deno]) {
  describeIn(runtime, `processes in ${runtime.name}`, (command) => {
    test.each([
      ['mapped', 'yes'],
      ['written at intervals', 'no'],
    ] as const)('share a page, with files that are %s, and keep what a killed one has counted', async (how, mapped) => {
      const env = { DIR: join(newFolder(), 'metrics'), MAPPED: mapped };
      // Deno reads /proc, which shows who has ended, only with all permissions.
      const allowed =
        runtime.name === 'deno' ? [...command.filter((flag) => !flag.startsWith('--allow')), '--allow-all'] : command;
      const reader = await startMember('reader', allowed, env);
      const other = await startMember('other', allowed, env);
      expect([reader.printed(), other.printed()]).toEqual([expect.stringContaining(how), expect.stringContaining(how)]);
      const counted = async () => (await sampleValue(await pageOf(reader), 'jobs_total', { who: 'other' })) === 3;
      await until('what the other has counted', counted);
      other.process.kill('SIGKILL');
      await other.ended;
      await until(
        'the fold',
        async () => (await sampleValue(await pageOf(reader), 'promark_multiprocess_folded_total')) === 1,
      );
      expect(await counted()).toBe(true);
    });
  });
}

describeIn(deno, 'deno without the permission to map', (command) => {
  test('says that files are written at intervals', async () => {
    const env = { DIR: join(newFolder(), 'metrics') };
    const program = await startMember('alone', [...command, '--allow-write', '--allow-sys'], env);
    expect(program.printed()).toContain('written at intervals');
    expect(program.complaints()).toContain('every 250 ms');
    await until(
      'its page',
      async () => (await sampleValue(await pageOf(program), 'jobs_total', { who: 'alone' })) === 3,
    );
  });
});
