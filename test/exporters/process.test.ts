import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ask, open } from '../support/http-client.js';
import { buildPrograms } from './programs.js';

let programs: Awaited<ReturnType<typeof buildPrograms>>;

beforeAll(async () => {
  programs = await buildPrograms('test/exporters/alone.program.ts', 'test/exporters/job.program.ts');
});

afterAll(() => programs?.remove());

describe('a process with a metrics server', () => {
  test('ends when it has nothing else to do', async () => {
    const { ended } = await programs.start('alone.program.ts');
    expect(await ended).toEqual({ code: 0, signal: null });
  });

  test('ends when its work is done, even with clients still connected', async () => {
    const { url, ended, process } = await programs.start('job.program.ts');
    const port = Number(new URL(url).port);
    const silent = await open(port);
    const kept = await open(port);
    kept.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(kept, 'data');
    process.kill('SIGTERM');
    expect(await ended).toEqual({ code: 0, signal: null });
    for (const socket of [silent, kept]) socket.destroy();
  });

  test('stays alive for the server with keepProcessAlive', async () => {
    const { url, ended, process } = await programs.start('alone.program.ts', { KEEP_ALIVE: 'yes' });
    expect((await ask(url)).body.toString()).toContain('\nalone_total 1\n');
    process.kill('SIGTERM');
    expect(await ended).toEqual({ code: null, signal: 'SIGTERM' });
  });
});
