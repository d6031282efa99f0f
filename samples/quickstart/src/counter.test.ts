import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { sampleValue, scrape } from 'promark/testing';

test('the program serves its counter until Ctrl-C ends it', async () => {
  const file = new URL('./counter.js', import.meta.url).pathname;
  const program = spawn(process.execPath, [file], { env: { ...process.env, PORT: '0' } });
  const [printed] = await once(program.stdout, 'data');
  const page = await scrape(/http:\S+/.exec(String(printed))?.[0] ?? '');
  assert.notEqual(await sampleValue(page, 'demo_seconds_total'), undefined);
  program.kill('SIGINT');
  assert.deepEqual(await once(program, 'exit'), [0, null]);
});
