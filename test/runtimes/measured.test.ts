import { afterAll, beforeAll, describe } from '@jest/globals';
import { scrape } from 'promark/testing';
import { start } from '../exporters/programs.js';
import { testRules } from '../http/rules.js';
import { type Project, projectOf } from './project.js';
import { bun, deno, describeIn } from './runtime.js';

let project: Project;

beforeAll(async () => {
  project = await projectOf('test/runtimes/measured.program.ts');
});

afterAll(() => project?.remove());

for (const runtime of [bun, deno]) {
  describeIn(runtime, `in ${runtime.name}`, (command) => {
    describe.each(['fetch', 'hono'])('requests to an app of %s', (name) => {
      testRules(async () => {
        const program = [...command, project.file('measured.program.ts')];
        const env = { APP: name, NO_COLOR: '1' };
        const { url, process, ended } = await start(program, env, true);
        return {
          url,
          gather: async () => (await scrape(`${url}/scrape`)).families,
          end: () => fetch(`${url}/end`),
          fail: () => fetch(`${url}/fail`),
          close: () => {
            process.kill('SIGKILL');
            return ended;
          },
        };
      });
    });
  });
}
