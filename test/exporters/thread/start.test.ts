import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Counter, Gauge, Registry } from 'promark';
import { setThreadProgram } from '../../thread-location.js';
import { closeAll, start } from '../servers.js';
import { page } from './page.js';

let registry: Registry;

beforeEach(() => {
  registry = new Registry({ maxSeries: 0, logger: { warn() {} } });
});

afterEach(async () => {
  await closeAll();
  setThreadProgram(undefined);
});

const threaded = (port = 0) => start({ registry, thread: true, port });

describe('the start of a server in its own thread', () => {
  test('lets the program continue, and shows what it recorded meanwhile', async () => {
    const labelNames = ['id'] as const;
    const counter = new Counter({ name: 'c_total', help: 'c', labelNames, registers: [registry] });
    for (let id = 0; id < 20_000; id++) counter.inc({ id });
    let [turns, started] = [0, false];
    const turn = () => {
      if (started) return;
      turns += 1;
      counter.inc({ id: `new ${turns}` });
      counter.remove({ id: turns });
      if (turns < 10) new Gauge({ name: `g${turns}`, help: 'g', labelNames, registers: [registry] }).set({ id: 1 }, 1);
      if (turns === 10) registry.removeSingleMetric('g3');
      setTimeout(turn);
    };
    turn();
    const { url } = await threaded();
    started = true;
    expect(turns).toBeGreaterThan(1);
    expect((await page(url)) === (await registry.metrics())).toBe(true);
  });

  test('makes the thread wait for a page until all families are described, while it hears that the main thread is alive', async () => {
    setThreadProgram(pathToFileURL(join(import.meta.dirname, 'asking-thread.cjs')));
    let [asked, released] = [0, false];
    class Long extends Gauge {
      override *describe(log: Parameters<Gauge['describe']>[0]): Generator<void> {
        yield* super.describe(log);
        while (!released) yield;
      }
    }
    const collect = () => {
      asked += 1;
    };
    new Long({ name: 'long', help: 'l', collect, registers: [registry] });
    const alive = new Promise<void>((resolve) => {
      registry.faultAppeared = () => resolve();
    });
    const starting = threaded();
    await alive;
    expect(asked).toBe(0);
    released = true;
    await starting;
    expect(asked).toBe(1);
  });

  test('fails when a family cannot be described, and leaves nothing behind', async () => {
    const { port, close } = await threaded();
    await close();
    let following = 0;
    class Broken extends Gauge {
      override describe(): Generator<void> {
        throw new Error('broken on purpose');
      }
      override follow(): void {
        following += 1;
      }
      override unfollow(): void {
        following -= 1;
      }
    }
    new Broken({ name: 'broken', help: 'b', registers: [registry] });
    await expect(threaded(port)).rejects.toThrow('broken on purpose');
    expect(following).toBe(0);
    registry.removeSingleMetric('broken');
    // Nothing listens there.
    const { url } = await threaded(port);
    expect(await page(url)).toBe(await registry.metrics());
  });
});
