import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { parseOpenMetrics } from 'promark';
import { type Program, start } from '../exporters/programs.js';
import { type ReleaseFile, releaseFile } from '../exporters/thread/release-file.js';
import { type Answer, ask } from '../support/http-client.js';
import { valuesByName } from '../support/page.js';
import { until } from '../support/until.js';
import { type Project, projectOf } from './project.js';
import { bun, deno, describeIn } from './runtime.js';

const openMetrics = { accept: 'application/openmetrics-text' };

let project: Project;
let program: Program | undefined;
let gate: ReleaseFile | undefined;

beforeAll(async () => {
  project = await projectOf(
    'samples/quickstart/src/counter.ts',
    'samples/quickstart/src/four-types.ts',
    'test/exporters/thread/blocked.program.ts',
    'test/runtimes/bun.program.ts',
    'test/runtimes/deno.program.ts',
  );
});

afterEach(async () => {
  program?.process.kill('SIGKILL');
  await program?.ended;
  await gate?.remove();
});

afterAll(() => project?.remove());

const valuesOf = ({ body }: Answer) => valuesByName(body.toString());

/** Scrapes until the values on a page fulfill a condition, and returns them. */
function scrapeUntil(url: string, holds: (values: Map<string, number>) => boolean): Promise<Map<string, number>> {
  return until('such a page', async () => {
    const values = valuesOf(await ask(url));
    return holds(values) && values;
  });
}

for (const runtime of [bun, deno]) {
  describeIn(runtime, `in ${runtime.name}`, (command) => {
    const run = async (file: string, env: NodeJS.ProcessEnv = {}): Promise<Program> => {
      program = await start([...command, project.file(file)], { PORT: '0', NO_COLOR: '1', ...env });
      return program;
    };

    describe('the quickstart sample', () => {
      test('has a counter that goes up, until Ctrl-C ends it', async () => {
        const { url, process, ended, complaints } = await run('counter.ts');
        await scrapeUntil(url, (values) => (values.get('demo_seconds_total') ?? 0) > 0);
        process.kill('SIGINT');
        expect(await ended).toEqual({ code: 0, signal: null });
        expect(complaints()).toBe('');
      });

      test('shows the four types, until Ctrl-C ends it', async () => {
        const { url, process, ended } = await run('four-types.ts');
        await scrapeUntil(url, (values) => (values.get('demo_job_seconds_count') ?? 0) > 0);
        const { headers, body } = await ask(url, { headers: openMetrics });
        expect(headers['content-type']).toMatch(/^application\/openmetrics-text; version=1\.0\.0/);
        expect(parseOpenMetrics(body.toString()).map(({ name, type }) => `${name} ${type}`)).toEqual([
          'demo_jobs_total counter',
          'demo_jobs_running gauge',
          'demo_job_seconds histogram',
          'demo_wait_seconds summary',
          // The server has its own thread here too.
          'promark_main_thread_responsive gauge',
          'nodejs_eventloop_stalled_seconds gauge',
        ]);
        process.kill('SIGINT');
        expect(await ended).toEqual({ code: 0, signal: null });
      });
    });

    test('scrapes are answered while the main thread is blocked', async () => {
      gate = await releaseFile();
      const { url, process } = await run('blocked.program.ts', gate.env);
      process.kill('SIGUSR2');
      const standsStill = (values: Map<string, number>) =>
        (values.get('turns_total') ?? 0) > 0 && values.get('promark_main_thread_responsive') === 0;
      const first = (await scrapeUntil(url, standsStill)).get('turns_total') ?? Number.NaN;
      const later = await scrapeUntil(url, (values) => (values.get('turns_total') ?? 0) > first);
      expect(later.get('turn_seconds_count')).toBeGreaterThan(0);
      await gate.release();
      const after = await scrapeUntil(url, (values) => values.get('promark_main_thread_responsive') === 1);
      expect(after.get('nodejs_eventloop_stalled_seconds')).toBe(0);
    });

    describe('fetchHandler', () => {
      test('answers as it does on Node', async () => {
        const { url, process, ended } = await run(`${runtime.name}.program.ts`);
        const plain = await ask(url);
        expect(plain.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
        expect([...valuesOf(plain)]).toEqual([
          ['orders_total', 3],
          ['refunds_total', 0],
        ]);

        const zipped = await ask(url, { headers: { ...openMetrics, 'accept-encoding': 'gzip' } });
        expect(zipped.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept, Accept-Encoding' });
        const [orders] = parseOpenMetrics(gunzipSync(zipped.body).toString());
        expect(orders?.samples).toEqual([expect.objectContaining({ labels: { tier: 'gold' }, value: 3 })]);

        expect([...valuesOf(await ask(`${url}?name[]=refunds_total`)).keys()]).toEqual(['refunds_total']);
        const head = await ask(url, { method: 'HEAD' });
        expect([head.status, head.body.length]).toEqual([200, 0]);
        const post = await ask(url, { method: 'POST' });
        expect([post.status, post.headers.allow]).toEqual([405, 'GET, HEAD']);

        process.kill('SIGINT');
        expect(await ended).toEqual({ code: 0, signal: null });
      });
    });
  });
}

describeIn(deno, 'in deno that may not read files', (command) => {
  test('the server runs in the main thread and says so', async () => {
    const allowed = command.filter((arg) => arg !== '--allow-read');
    program = await start([...allowed, project.file('counter.ts')], { PORT: '0', NO_COLOR: '1' });
    const values = await scrapeUntil(program.url, (values) => (values.get('demo_seconds_total') ?? 0) > 0);
    expect([...values.keys()]).toEqual(['demo_seconds_total']);
    program.process.kill('SIGINT');
    expect(await program.ended).toEqual({ code: 0, signal: null });
    expect(program.complaints()).toMatch(/It runs in the current thread instead, .*--allow-read/);
  });
});
