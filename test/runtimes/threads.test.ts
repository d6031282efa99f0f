import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sampleLines } from '../support/page.js';
import { type Project, projectOf } from './project.js';
import { bun, deno, describeIn } from './runtime.js';

let project: Project;

beforeAll(async () => {
  project = await projectOf('test/runtimes/threads.program.ts');
});

afterAll(() => project?.remove());

for (const runtime of [bun, deno]) {
  describeIn(runtime, `worker threads in ${runtime.name}`, ([program, ...args]) => {
    test('are on the page of the main thread, and what they have counted stays', async () => {
      const file = project.file('threads.program.ts');
      const { stdout } = await promisify(execFile)(program, [...args, file], {
        env: { ...process.env, NO_COLOR: '1' },
      });
      const { during, after } = JSON.parse(stdout) as Record<'during' | 'after', string>;
      const counted = ['jobs_total{depth="1"} 3', 'jobs_total{depth="2"} 3'];
      expect(sampleLines(during).sort()).toEqual([...counted, 'running{kind="worker"} 2']);
      expect(sampleLines(after).sort()).toEqual(counted);
    });
  });
}
