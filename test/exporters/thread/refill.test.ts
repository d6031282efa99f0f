import { afterEach, describe, expect, test } from '@jest/globals';
import { Gauge, Registry } from 'promark';
import { closeAll, start } from '../servers.js';
import { page } from './page.js';

afterEach(closeAll);

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** The values of a gauge's series on a page, by their label. */
function values(text: string): Map<string, number> {
  const lines = [...text.matchAll(/^g\{id="(\w+)"\} (.*)$/gm)];
  const found = new Map(lines.map(([, id, value]) => [id, Number(value)]));
  expect(lines.length).toBe(found.size);
  return found;
}

function gauge(series: number, collect?: (this: Gauge<'id'>) => void) {
  const registry = new Registry({ maxSeries: 0 });
  const g: Gauge<'id'> = new Gauge({
    name: 'g',
    help: 'g',
    labelNames: ['id'],
    registers: [registry],
    ...(collect && { collect: () => collect.call(g) }),
  });
  for (let id = 0; id < series; id++) g.set({ id }, 1);
  return { registry, g };
}

describe('a gauge that is reset and filled again in one turn', () => {
  test('is complete on every page from the thread, with two scrapers', async () => {
    let round = 1;
    const { registry } = gauge(300, function () {
      this.reset();
      round += 1;
      for (let id = 0; id < 300; id++) this.set({ id }, round);
    });
    const { url } = await start({ registry, thread: true, port: 0 });
    const scrape = async () => {
      for (let i = 0; i < 40; i++) {
        const found = values(await page(url));
        expect(found.size).toBe(300);
        expect(new Set(found.values()).size).toBe(1);
        expect([...found.values()][0]).toBeGreaterThan(0);
      }
    };
    await Promise.all([scrape(), scrape()]);
  });

  test('is complete during a long turn, with the values from before it', async () => {
    let busy = false;
    const { registry, g } = gauge(200, function () {
      if (!busy) return;
      const end = performance.now() + 600;
      this.reset();
      for (let id = 0; id < 200; id++) {
        this.set({ id }, 2);
        while (performance.now() < end - 600 + id * 3);
      }
    });
    const { url } = await start({ registry, thread: true, port: 0, mainThreadTimeoutMs: 20 });
    busy = true;
    for (let i = 0; i < 3; i++) {
      const found = values(await page(url));
      expect(found.size).toBe(200);
      expect(new Set(found.values()).size).toBe(1);
    }
    expect(g.seriesCount).toBe(200);
  });

  test.each(['here', 'in the thread'])(
    'whose series are reordered is complete, without duplicates: %s',
    async (where) => {
      const { registry, g } = gauge(6000);
      const { url } = await start({ registry, thread: true, port: 0 });
      let done = false;
      let turns = 0;
      const turning = (async () => {
        while (!done) {
          const [a, b] = [turns % 6000, 5999 - (turns++ % 3000)];
          g.remove({ id: a });
          g.remove({ id: b });
          g.set({ id: a }, 1);
          g.set({ id: b }, 1);
          await nextTurn();
        }
      })();
      for (let i = 0; i < 30; i++) {
        const found = values(where === 'here' ? await registry.metrics() : await page(url));
        expect(found.size).toBe(6000);
      }
      done = true;
      await turning;
      expect(turns).toBeGreaterThan(0);
    },
  );
});
