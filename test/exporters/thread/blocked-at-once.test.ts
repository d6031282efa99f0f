import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ask } from '../../support/http-client.js';
import { valuesByName } from '../../support/page.js';
import { buildPrograms } from '../programs.js';

let programs: Awaited<ReturnType<typeof buildPrograms>>;

beforeAll(async () => {
  programs = await buildPrograms('test/exporters/thread/blocked-at-once.program.ts');
});

afterAll(() => programs?.remove());

test('shows the CPU time and memory of a process whose main thread has been blocked since the server started', async () => {
  const { process, url } = await programs.start('blocked-at-once.program.ts');
  try {
    const values = valuesByName((await ask(url)).body.toString());
    expect(values.get('promark_main_thread_responsive')).toBe(0);
    expect(values.get('process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(values.get('process_resident_memory_bytes')).toBeGreaterThan(1_000_000);
  } finally {
    process.kill('SIGKILL');
  }
});
