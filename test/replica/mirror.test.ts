import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Counter, Gauge, HeapStore, Registry } from 'promark';
import { everyType, operation, perform } from '../registry/every-type.js';
import { finish, mirrored } from './mirrored.js';

const OPEN_METRICS = 'application/openmetrics-text; version=1.0.0; escaping=allow-utf-8';

describe('a mirrored registry', () => {
  test.each([false, true])('has the same page as the registry after any operations (created: %s)', async (created) => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 60 }), fc.nat({ max: 60 }), async (operations, start) => {
        const metrics = everyType(created);
        for (const one of operations.slice(0, start)) perform(metrics, one);
        const mirror = mirrored(metrics.registry);
        for (const one of operations.slice(start)) {
          perform(metrics, one);
          if (one.what === 'scrape') await mirror.page();
          if (one.what === 'rewrite') finish(mirror.publication.rewriting());
        }
        for (const accept of [undefined, OPEN_METRICS]) {
          expect(await mirror.page(accept)).toBe((await metrics.registry.render({ accept })).text);
        }
        mirror.end();
      }),
    );
  });

  test('gets collectors and families on the heap only from the answers', async () => {
    const registry = new Registry({ store: new HeapStore() });
    const gauge = new Gauge({ name: 'g', help: 'g', registers: [registry] });
    gauge.set(Number.NaN);
    const { page, publication, answer } = mirrored(registry);
    expect(await page()).toBe(await registry.metrics());
    gauge.set(7);
    const number = publication.numberOf(gauge) ?? -1;
    answer({ failed: [], snapshotted: [[number, (await registry.gather())[0]]], collectorFamilies: [] });
    expect(await page()).toBe(await registry.metrics());
    answer(undefined);
    expect(await page()).toBe(await registry.metrics());
  });

  test('omits families that could not be updated', async () => {
    const registry = new Registry();
    const gauge = new Gauge({ name: 'g', help: 'g', registers: [registry] });
    new Counter({ name: 'c_total', help: 'c', registers: [registry] });
    const { page, publication, answer } = mirrored(registry);
    answer({ failed: [publication.numberOf(gauge) ?? -1], snapshotted: [], collectorFamilies: [] });
    expect(await page()).not.toMatch(/\bg\b/);
    expect(await page()).toMatch(/c_total 0/);
  });

  test('shows the counters of new faults, at the end', async () => {
    const registry = new Registry({ logger: { warn() {} } });
    const counter = new Counter({
      name: 'c_total',
      help: 'c',
      labelNames: ['id'],
      maxSeries: 1,
      registers: [registry],
    });
    const { page } = mirrored(registry);
    for (const id of ['1', '2', '3']) counter.inc({ id });
    new Gauge({ name: 'later', help: 'l', registers: [registry] });
    expect(await page()).toBe(await registry.metrics());
    expect(await page()).toMatch(/promark_overflow_total\{family="c_total"\} 2/);
  });

  test('waits for memory whose message has not arrived yet', async () => {
    const registry = new Registry();
    const { mirror, publication, withhold } = mirrored(registry);
    withhold(1);
    // Cells in a slab whose message has not arrived, and series described after it.
    const gauge = new Gauge({ name: 'g', help: 'g', labelNames: ['id'], registers: [registry] });
    for (let id = 0; id < 5000; id++) gauge.set({ id }, id);
    publication.journal.flush();
    mirror.sync();
    const [known] = mirror.members().map(({ source }) => (source.kind === 'live' ? source.rowCount : 0));
    expect(known ?? 0).toBeLessThan(5000);
    withhold(0);
    mirror.sync();
    expect(mirror.members().map(({ source }) => source.kind === 'live' && source.rowCount)).toEqual([5000]);
  });

  test('keeps 100 000 series', async () => {
    const registry = new Registry({ maxSeries: 0 });
    const counter = new Counter({ name: 'c_total', help: 'c', labelNames: ['id'], registers: [registry] });
    for (let id = 0; id < 50_000; id++) counter.inc({ id }, id);
    const { page } = mirrored(registry);
    for (let id = 50_000; id < 100_000; id++) counter.inc({ id }, id);
    expect((await page()) === (await registry.metrics())).toBe(true);
  });

  test('follows a journal that is rewritten when series come and go', async () => {
    const registry = new Registry();
    const gauge = new Gauge({ name: 'g', help: 'g', labelNames: ['id'], registers: [registry] });
    const { page, publication, mirror } = mirrored(registry);
    gauge.set({ id: 'stays' }, 1);
    await page();
    const { generation } = mirror;
    for (let id = 0; id < 20_000; id++) {
      gauge.set({ id }, id);
      if (id > 3) gauge.remove({ id: id - 3 });
      publication.compactIfStale();
      // On a slow machine, the journal is rewritten over several turns.
      if (id % 1000 === 0) await new Promise(setImmediate);
    }
    expect(await page()).toBe(await registry.metrics());
    expect(mirror.generation).toBeGreaterThan(generation);
    expect(publication.journal.length).toBeLessThan(2 ** 20);
  });
});
