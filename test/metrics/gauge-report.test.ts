import { expect, test } from '@jest/globals';
import { Gauge, Registry } from 'promark';

function shelf(maxSeries = 0) {
  const registry = new Registry();
  const gauge = new Gauge({ name: 'jobs', help: 'Jobs', labelNames: ['queue'], maxSeries, registers: [registry] });
  const lines = async () => (await registry.metrics()).split('\n').filter((line) => /^jobs/.test(line));
  return { registry, gauge, lines };
}

test('a gauge shows the series of its report, and no longer those that left it', async () => {
  const { gauge, lines } = shelf(1);
  let queues: [string, number | undefined][] = [['a', 1]];
  const end = gauge.report((set) => {
    for (const [queue, size] of queues) set(size, queue);
  });
  expect(await lines()).toEqual(['jobs{queue="a"} 1']);
  // There is room for one: the old series leaves before the new one comes.
  queues = [['b', 2]];
  expect(await lines()).toEqual(['jobs{queue="b"} 2']);
  queues = [['b', undefined]];
  expect(await lines()).toEqual([]);
  queues = [['b', 4]];
  expect(await lines()).toEqual(['jobs{queue="b"} 4']);
  end();
  queues = [['c', 5]];
  expect(await lines()).toEqual(['jobs{queue="b"} 4']);
});

test('reports, functions and a collect share a gauge, async or not', async () => {
  const { gauge, lines } = shelf();
  gauge.report(async (set) => set(await Promise.resolve(1), 'a'));
  gauge.labels('b').setFunction(() => 2);
  gauge.report((set) => set(3, 'c'));
  gauge.collect = () => gauge.set({ queue: 'd' }, 4);
  expect((await lines()).sort()).toEqual([
    'jobs{queue="a"} 1',
    'jobs{queue="b"} 2',
    'jobs{queue="c"} 3',
    'jobs{queue="d"} 4',
  ]);
});

test('a report that fails leaves the family out of that page and its series as they were', async () => {
  const warnings: string[] = [];
  const registry = new Registry({ logger: { warn: (message) => void warnings.push(message) } });
  const gauge = new Gauge({ name: 'jobs', help: 'Jobs', labelNames: ['queue'], registers: [registry] });
  let fails = false;
  gauge.report(async (set) => {
    set(1, 'a');
    if (fails) throw new Error('broken');
    set(2, 'b');
  });
  await registry.metrics();
  fails = true;
  expect(await registry.metrics()).not.toContain('jobs{');
  expect(warnings).toEqual([expect.stringContaining('broken')]);
  gauge.labels('b').inc(0);
  expect(gauge.seriesCount).toBe(2);
});
