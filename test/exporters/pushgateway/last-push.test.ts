import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { newFolder } from '../../processes/folder.js';
import { type FakeGateway, fakeGateway } from './fake-gateway.js';

const entry = resolve(import.meta.dirname, '../../../dist/index.js');

let fake: FakeGateway | undefined;
let child: ChildProcess | undefined;

beforeAll(() => {
  if (!existsSync(entry)) throw new Error('This test uses the built package, and there is none: npm run build');
});

afterEach(async () => {
  child?.kill('SIGKILL');
  await fake?.close();
});

/** Starts a program that pushes rarely, counts to 7, prints that it has, and then runs this code. */
async function program(then: string, ...replies: Parameters<typeof fakeGateway>) {
  fake = await fakeGateway(...replies);
  const source = `
    import { Counter, multiprocess, Pushgateway } from ${JSON.stringify(pathToFileURL(entry).href)};
    const gateway = new Pushgateway(${JSON.stringify(fake.url)}, { retryDelayMs: 1 });
    const pushing = gateway.pushEvery(1_000_000, { jobName: 'child' });
    new Counter({ name: 'steps_total', help: 'Steps' }).inc(7);
    const wait = () => setInterval(() => {}, 1_000_000);
    ${then}
    process.send('ready');
    process.disconnect();
  `;
  const started = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  child = started;
  const exited = once(started, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  await Promise.race([once(started, 'message'), exited]);
  return { child: started, exited };
}

const pushed = () => fake?.received.map(({ body }) => body.split('\n')[2]);

describe('a process pushes one last time', () => {
  test('when it has nothing left to do', async () => {
    const { exited } = await program('');
    expect(await exited).toEqual([0, null]);
    expect(pushed()).toEqual(['steps_total 7']);
  });

  test('with retries', async () => {
    const { exited } = await program('', 503, 200);
    expect(await exited).toEqual([0, null]);
    expect(pushed()).toEqual(['steps_total 7', 'steps_total 7']);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('at %s, which still ends the process', async (signal) => {
    const { child, exited } = await program('wait();');
    child.kill(signal);
    expect(await exited).toEqual([null, signal]);
    expect(pushed()).toEqual(['steps_total 7']);
  });

  test('at a signal with another listener, which decides whether the process ends', async () => {
    const { child, exited } = await program(
      "const timer = wait(); process.on('SIGTERM', () => { clearInterval(timer); process.exitCode = 3; });",
    );
    child.kill('SIGTERM');
    expect(await exited).toEqual([3, null]);
    expect(pushed()).toEqual(['steps_total 7']);
  });

  test('at a signal with an earlier listener added by once(), which decides as well', async () => {
    const { child, exited } = await program(`
      await pushing.stop();
      const timer = wait();
      process.once('SIGTERM', () => setTimeout(() => { clearInterval(timer); process.exitCode = 3; }, 200));
      gateway.pushEvery(1_000_000, { jobName: 'child' });
    `);
    child.kill('SIGTERM');
    expect(await exited).toEqual([3, null]);
    expect(pushed()).toEqual(['steps_total 7', 'steps_total 7']);
  });

  test('at a signal at which it also writes its metrics for other processes', async () => {
    const options = { dir: join(newFolder(), 'group'), mapped: false, signals: ['SIGTERM'] };
    const { child, exited } = await program(`multiprocess(${JSON.stringify(options)}); wait();`);
    child.kill('SIGTERM');
    expect(await exited).toEqual([null, 'SIGTERM']);
    expect(pushed()).toEqual(['steps_total 7']);
  });

  test('for each loop, before the signal ends it', async () => {
    const { child, exited } = await program("gateway.pushEvery(1_000_000, { jobName: 'second' }); wait();");
    child.kill('SIGTERM');
    expect(await exited).toEqual([null, 'SIGTERM']);
    expect(fake?.received.map(({ path }) => path).sort()).toEqual(['/metrics/job/child', '/metrics/job/second']);
  });
});

test('a signal does not abort the last push of a loop that is being stopped', async () => {
  let answer = () => {};
  const { child, exited } = await program(
    "gateway.pushEvery(1_000_000, { jobName: 'second' }); wait(); pushing.stop();",
    (response) => {
      answer = () => response.end();
    },
    200,
  );
  await fake?.untilReceived(1);
  child.kill('SIGTERM');
  // The push of the second loop, which is done with it.
  await fake?.untilReceived(2);
  await pause(200);
  expect([child.exitCode, child.signalCode]).toEqual([null, null]);
  answer();
  expect(await exited).toEqual([null, 'SIGTERM']);
});

describe('a process does not push', () => {
  test('at a signal, when the loop has an empty list of signals', async () => {
    const { child, exited } = await program(
      "await pushing.stop(); gateway.pushEvery(1_000_000, { jobName: 'quiet', signals: [] }); wait();",
    );
    child.kill('SIGTERM');
    expect(await exited).toEqual([null, 'SIGTERM']);
    expect(fake?.received).toHaveLength(1);
  });

  test('when a second signal arrives while the gateway hangs', async () => {
    const { child, exited } = await program('wait();', 'hang');
    child.kill('SIGTERM');
    await fake?.untilReceived(1);
    child.kill('SIGTERM');
    expect(await exited).toEqual([null, 'SIGTERM']);
  });
});
