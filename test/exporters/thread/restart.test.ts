import { BroadcastChannel } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Counter, Registry } from 'promark';
import { threadProgram } from '../../../lib/exporters/thread/start-thread.js';
import { ask } from '../../support/http-client.js';
import { until } from '../../support/until.js';
import { setThreadProgram } from '../../thread-location.js';
import { closeAll, start } from '../servers.js';

const CHANNEL = 'ends the thread of a metrics server';

/** The program of the server's thread, which announces itself and ends without an error when it gets a message. */
const mortalProgram = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { BroadcastChannel } from 'node:worker_threads';
    const channel = new BroadcastChannel(${JSON.stringify(CHANNEL)});
    channel.onmessage = ({ data }) => data === 'end' && process.exit(1);
    channel.unref();
    channel.postMessage('started');
    await import(${JSON.stringify(threadProgram.locate().href)});
  `)}`,
);

let warnings: string[];
let registry: Registry;
let channel: BroadcastChannel;
let threads: number;

beforeEach(() => {
  warnings = [];
  threads = 0;
  registry = new Registry({ logger: { warn: (message) => warnings.push(message) } });
  new Counter({ name: 'jobs_total', help: 'Jobs', registers: [registry] }).inc(7);
  channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = () => {
    threads += 1;
  };
  setThreadProgram(mortalProgram);
});

afterEach(async () => {
  await closeAll();
  channel.close();
  setThreadProgram(undefined);
});

const threaded = () => start({ registry, thread: true });

/** Ends the thread, and waits until that is noticed for this many times. */
async function endThread(times: number): Promise<void> {
  channel.postMessage('end');
  const noticed = new RegExp(`promark_instrumentation_errors_total\\{where="the thread[^}]*\\} ${times}\\n`);
  await until('the end of the thread', async () => noticed.test(await registry.metrics()));
}

/** The page, once the server answers. */
const pageOf = (url: string) => until('a page', async () => (await ask(url)).body.toString());

describe('the thread of a server that ends', () => {
  test('starts again on the same port, which is counted and logged once', async () => {
    const { port, url } = await threaded();
    await endThread(1);
    const page = await pageOf(url);
    expect(page).toContain('jobs_total 7');
    expect(page).toContain('promark_main_thread_responsive 1');
    expect(page).toContain(`promark_server_thread_restarts_total{port="${port}"} 1`);
    expect(warnings).toEqual([expect.stringMatching(/thread of the metrics server, which has ended and is replaced/)]);
  });

  test('is replaced by the main one after three restarts', async () => {
    const { port, url } = await threaded();
    for (let ends = 1; ends <= 4; ends++) {
      await endThread(ends);
      await pageOf(url);
    }
    const page = await pageOf(url);
    expect(page).toBe(await registry.metrics());
    expect(page).toContain(`promark_server_thread_restarts_total{port="${port}"} 3`);
    expect(threads).toBe(4);
    expect(warnings).toEqual([
      expect.stringContaining('has ended and is replaced'),
      expect.stringContaining('The server now runs in the current thread'),
    ]);
  });

  test('is not replaced where the server is closed before that', async () => {
    const server = await threaded();
    const noticed = new Promise<void>((resolve) => {
      registry.faultAppeared = () => resolve();
    });
    channel.postMessage('end');
    await noticed;
    await server.close();
    await expect(ask(server.url)).rejects.toThrow();
    expect(threads).toBe(1);
  });

  test('ends with the server that is closed while it is starting again', async () => {
    const server = await threaded();
    await endThread(1);
    await until('another thread', () => threads === 2);
    await server.close();
    await expect(ask(server.url)).rejects.toThrow();
    expect(threads).toBe(2);
  });
});
