import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Counter, Gauge, HeapStore, Registry } from 'promark';
import { PROTOBUF } from '../formats/protobuf/accept.js';
import { everyType, type Operation, operation, perform } from '../registry/every-type.js';
import { runs } from '../support/property-runs.js';
import { finish, mirrored, mirroring } from './mirrored.js';

/** An operation, and the number of steps of the work in progress that follow it. */
const events = fc.array(fc.record({ operation, steps: fc.nat({ max: 3 }) }), { maxLength: 60 });

/** Each takes several steps to describe. */
const SERIES = 150;

/** A registry with series in every family. */
function crowded(created: boolean) {
  const metrics = everyType(created);
  const on = ['counter', 'gauge', 'histogram', 'native', 'summary', 'states'] as const;
  for (let i = 0; i < SERIES; i++) {
    for (const one of on) perform(metrics, { what: 'count', on: one, a: 'x', b: `${i}`, value: i } satisfies Operation);
  }
  return metrics;
}

/** Splits a page into its families, each with all of its lines. */
function families(page: string): string[] {
  return page.split(/^(?=# HELP )/m).filter((family) => family !== '');
}

/** Performs steps of the work; returns whether it is done. */
function advance(work: Iterator<unknown>, steps: number): boolean {
  for (let step = 0; step < steps; step++) if (work.next().done === true) return true;
  return false;
}

describe('a description in steps', () => {
  test.each([false, true])('has only complete families on the page after any step (created: %s)', async (created) => {
    await fc.assert(
      fc.asyncProperty(events, async (events) => {
        const metrics = crowded(created);
        const { registry } = metrics;
        const mirror = mirroring(registry);
        const work = mirror.publication.description();
        let done = false;
        for (const { operation, steps } of events) {
          perform(metrics, operation);
          done ||= advance(work, steps);
          if (operation.what !== 'scrape') continue;
          const [shown, all] = [families(await mirror.page()), families(await registry.metrics())];
          // In the order of the registry, each family either complete or absent.
          expect(shown).toEqual(done ? all : all.filter((family) => shown.includes(family)));
        }
        finish(work);
        expect(await mirror.page()).toBe(await registry.metrics());
        expect(Buffer.compare(await mirror.bytes(PROTOBUF), (await registry.render(PROTOBUF)).body)).toBe(0);
        mirror.end();
      }),
      { numRuns: runs(8) },
    );
  });

  test.each([false, true])(
    'that replaces another is not on a page before it is complete (created: %s)',
    async (created) => {
      await fc.assert(
        fc.asyncProperty(events, async (events) => {
          const metrics = crowded(created);
          const { registry } = metrics;
          const mirror = mirrored(registry);
          let work = mirror.publication.rewriting();
          for (const { operation, steps } of events) {
            perform(metrics, operation);
            if (advance(work, steps)) work = mirror.publication.rewriting();
            if (operation.what === 'scrape') expect(await mirror.page()).toBe(await registry.metrics());
          }
          finish(work);
          expect(await mirror.page()).toBe(await registry.metrics());
          expect(Buffer.compare(await mirror.bytes(PROTOBUF), (await registry.render(PROTOBUF)).body)).toBe(0);
          mirror.end();
        }),
        { numRuns: runs(8) },
      );
    },
  );

  test('is not read by a reader that starts in the middle of another one', async () => {
    const { registry } = crowded(false);
    const { page, publication, mirror } = mirrored(registry);
    const work = publication.rewriting();
    advance(work, 3);
    expect(await page()).toBe(await registry.metrics());
    const { generation } = mirror;
    finish(work);
    expect(await page()).toBe(await registry.metrics());
    expect(mirror.generation).toBeGreaterThan(generation);
  });

  test('omits families that are removed before their turn, and ends with the latest', async () => {
    const registry = new Registry();
    const registers = [registry];
    const [a, b] = ['a', 'b'].map((name) => new Gauge({ name, help: 'g', registers }));
    const { page, publication } = mirroring(registry);
    const work = publication.description();
    registry.removeSingleMetric('a');
    new Gauge({ name: 'c', help: 'g', registers: [new Registry({ store: new HeapStore() }), registry] }).set(3);
    finish(work);
    b.set(2);
    registry.registerMetric(a);
    expect(await page()).toBe(await registry.metrics());
  });

  test('yields to the event loop while it is made, so recording can continue', async () => {
    const registry = new Registry({ maxSeries: 0 });
    const labelNames = ['id'] as const;
    const [one, two] = ['one_total', 'two_total'].map((name) => {
      const counter = new Counter({ name, help: 'c', labelNames, registers: [registry] });
      for (let id = 0; id < 50_000; id++) counter.inc({ id }, id);
      return counter;
    });
    const { publication, page } = mirroring(registry);
    let [turns, whole] = [0, false];
    const turn = (): void => {
      if (whole) return;
      turns += 1;
      one.inc({ id: `new ${turns}` });
      two.remove({ id: turns });
      setImmediate(turn);
    };
    setImmediate(turn);
    await publication.describe();
    whole = true;
    expect(turns).toBeGreaterThan(1);
    expect((await page()) === (await registry.metrics())).toBe(true);
  });
});

/** A family that throws in the middle of its description. */
class Breaking extends Gauge<'id'> {
  following = 0;

  override *describe(log: Parameters<Gauge['describe']>[0]): Generator<void> {
    yield* super.describe(log);
    throw new Error('broken on purpose');
  }

  override follow(log: Parameters<Gauge['follow']>[0]): void {
    this.following += 1;
    super.follow(log);
  }

  override unfollow(log: Parameters<Gauge['unfollow']>[0]): void {
    this.following -= 1;
    super.unfollow(log);
  }
}

describe('a family that cannot be described', () => {
  const config = { name: 'breaking', help: 'b', labelNames: ['id'] as const };

  test('rejects the description', async () => {
    const registry = new Registry();
    const breaking = new Breaking({ ...config, registers: [registry] });
    const { publication } = mirroring(registry);
    await expect(publication.describe()).rejects.toThrow('broken on purpose');
    publication.end();
    expect(breaking.following).toBe(0);
  });

  test('that is added later is refused and leaves nothing behind', async () => {
    const registry = new Registry();
    const { page, publication } = mirrored(registry);
    const breaking = new Breaking({ ...config, registers: [] });
    expect(() => publication.add(breaking, false)).toThrow('broken on purpose');
    expect([breaking.following, publication.numberOf(breaking)]).toEqual([0, undefined]);
    expect(await page()).toBe(await registry.metrics());
  });

  test('leaves readers with what they have when everything is described again, and is logged', async () => {
    const warnings: string[] = [];
    const registry = new Registry({ logger: { warn: (message) => warnings.push(message) } });
    const gauge = new Gauge({ name: 'g', help: 'g', labelNames: ['id'], registers: [registry] });
    const breaking = new Gauge({ ...config, registers: [registry] });
    const { page, publication, mirror } = mirrored(registry);
    Object.defineProperty(breaking, 'describe', { value: Breaking.prototype.describe, configurable: true });
    await page();
    const { generation } = mirror;
    for (let id = 0; id < 10_000; id++) {
      gauge.set({ id }, id);
      publication.journal.flush();
      gauge.remove({ id });
    }
    publication.compactIfStale();
    await new Promise(setImmediate);
    expect(warnings).toEqual([expect.stringMatching(/describing all metrics anew.*broken on purpose/)]);
    expect(await page()).toBe(await registry.metrics());
    Reflect.deleteProperty(breaking, 'describe');
    finish(publication.rewriting());
    expect(await page()).toBe(await registry.metrics());
    expect(mirror.generation).toBeGreaterThan(generation);
  });
});
