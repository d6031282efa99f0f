import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseText } from 'promark';
import { ask } from '../client.js';
import { buildPrograms } from '../programs.js';

let programs: Awaited<ReturnType<typeof buildPrograms>>;

beforeAll(async () => {
  programs = await buildPrograms('test/exporters/thread/blocked-at-once.program.ts');
});

afterAll(() => programs?.remove());

test('shows the time and memory of a process whose main thread has stood still since the server listens', async () => {
  const { process, url } = await programs.start('blocked-at-once.program.ts');
  try {
    const samples = parseText((await ask(url)).body.toString()).flatMap((family) => family.samples);
    const value = (name: string) => samples.find((sample) => sample.name === name)?.value;
    expect(value('promark_main_thread_responsive')).toBe(0);
    expect(value('process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(value('process_resident_memory_bytes')).toBeGreaterThan(1_000_000);
  } finally {
    process.kill('SIGKILL');
  }
});
