import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseOpenMetrics } from 'promark';
import { ask, open } from '../support/http-client.js';
import { until } from '../support/until.js';
import { buildPrograms } from './programs.js';

const sample = resolve(import.meta.dirname, '../../samples/quickstart');
let programs: Awaited<ReturnType<typeof buildPrograms>>;

beforeAll(async () => {
  programs = await buildPrograms('samples/quickstart/src/counter.ts', 'samples/quickstart/src/four-types.ts');
});

afterAll(() => programs?.remove());

/** Scrapes until a line of the page matches. */
async function scrapeUntil(url: string, line: RegExp): Promise<void> {
  await until(`${line}`, async () => line.test((await ask(url)).body.toString()));
}

describe('the quickstart sample', () => {
  test('has a counter that goes up, until Ctrl-C ends it', async () => {
    const { url, ended, process } = await programs.start('counter.ts', { PORT: '0' });
    expect(new URL(url).pathname).toBe('/metrics');
    await scrapeUntil(url, /^demo_seconds_total [1-9]/m);
    const connected = await open(Number(new URL(url).port));
    process.kill('SIGINT');
    expect(await ended).toEqual({ code: 0, signal: null });
    connected.destroy();
  });

  test('shows the four types, until Ctrl-C ends it', async () => {
    const { url, ended, process } = await programs.start('four-types.ts', { PORT: '0' });
    await scrapeUntil(url, /^demo_job_seconds_count [1-9]/m);
    const { body } = await ask(url, { headers: { accept: 'application/openmetrics-text' } });
    expect(parseOpenMetrics(body.toString()).map(({ name, type }) => `${name} ${type}`)).toEqual([
      'demo_jobs_total counter',
      'demo_jobs_running gauge',
      'demo_job_seconds histogram',
      'demo_wait_seconds summary',
      // What the server's thread reports about the main thread.
      'promark_main_thread_responsive gauge',
      'nodejs_eventloop_stalled_seconds gauge',
    ]);
    process.kill('SIGINT');
    expect(await ended).toEqual({ code: 0, signal: null });
  });

  test('depends on the current version of promark', async () => {
    const manifest = async (file: string) => JSON.parse(await readFile(file, 'utf8'));
    const { dependencies } = await manifest(join(sample, 'package.json'));
    const { version } = await manifest(join(sample, '../../package.json'));
    expect(dependencies).toEqual({ promark: `^${version}` });
  });
});
