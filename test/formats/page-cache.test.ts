import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Counter, Gauge, Histogram, parseText, Registry } from 'promark';
import { runs } from '../support/property-runs.js';

describe('a page made from the previous one', () => {
  test('always matches the metrics', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60 }), async (steps) => {
        const world = new World();
        for (const one of steps) {
          one(world);
          await world.check();
        }
      }),
      { numRuns: runs(150) },
    );
  });

  test('does not change the bytes of earlier pages', async () => {
    const registry = new Registry();
    const counter = new Counter({ name: 'c_total', help: 'C', labelNames: ['n'], registers: [registry] });
    for (let n = 0; n < 5000; n++) counter.inc({ n });
    const page = await registry.render();
    const before = page.text;
    for (let n = 0; n < 5000; n += 3) counter.inc({ n }, n);
    const later = (await registry.render()).text;
    expect(page.text).toBe(before);
    expect(later).not.toBe(before);
    expect(later).toContain('c_total{n="999"} 1000\n');
  });

  test('yields to the event loop while a long one is made', async () => {
    const registry = new Registry();
    const counter = new Counter({ name: 'c_total', help: 'C', labelNames: ['n'], maxSeries: 0, registers: [registry] });
    for (let n = 0; n < 200_000; n++) counter.inc({ n });
    let turns = 0;
    let done = false;
    const watch = () => {
      turns += 1;
      if (!done) setImmediate(watch);
    };
    setImmediate(watch);
    const page = await registry.render();
    done = true;
    expect(turns).toBeGreaterThan(3);
    expect(page.text.split('\n')).toHaveLength(200_003);
  });

  test('serves several formats at the same time', async () => {
    const registry = new Registry();
    const counter = new Counter({ name: 'c_total', help: 'C', labelNames: ['n'], registers: [registry] });
    for (let n = 0; n < 9000; n++) counter.inc({ n });
    const accepts = ['text/plain', 'application/openmetrics-text', 'text/plain;escaping=dots', '*/*'];
    for (let round = 1; round <= 3; round++) {
      const pages = await Promise.all(accepts.map((accept) => registry.render(accept)));
      for (const page of pages) expect(page.text).toMatch(new RegExp(`c_+total\\{n="8999"\\} ${round}\n`));
      for (let n = 0; n < 9000; n++) counter.inc({ n });
    }
  });
});

/** A registry with a counter, a gauge and a histogram to change. */
class World {
  readonly registry = new Registry();
  readonly counter = new Counter({ name: 'c_total', help: 'C', labelNames: ['l'], registers: [this.registry] });
  readonly gauge = new Gauge({ name: 'g', help: 'G', registers: [this.registry] });
  readonly histogram = new Histogram({
    name: 'h',
    help: 'H',
    buckets: [1, 10],
    labelNames: ['l'],
    registers: [this.registry],
  });

  async check(): Promise<void> {
    const parsed = parseText(await this.registry.metrics());
    const gathered = await this.registry.gather();
    expect(parsed.map(({ samples }) => samples)).toEqual(gathered.map(({ samples }) => samples));
  }
}

const label = fc.constantFrom('', 'a', 'b"', 'c\n', 'd\\', '{e="', 'ü');
const amount = fc.oneof(fc.constantFrom(1, 9, 10, 99, 0.5, 1e21), fc.double({ min: 0, max: 1e9, noNaN: true }));
const step: fc.Arbitrary<(world: World) => void> = fc.oneof(
  fc.tuple(label, amount).map(
    ([l, v]) =>
      (world: World) =>
        world.counter.inc({ l }, v),
  ),
  // -0 is 0 on a page, as JavaScript writes it.
  fc.double().map((v) => (world: World) => world.gauge.set(v + 0)),
  fc.tuple(label, amount).map(
    ([l, v]) =>
      (world: World) =>
        world.histogram.observe({ l }, v),
  ),
  label.map((l) => (world: World) => world.counter.remove({ l })),
  label.map((l) => (world: World) => world.histogram.remove(l)),
  label.map((l) => (world: World) => world.histogram.zero({ l })),
  label.map((l) => (world: World) => world.registry.setDefaultLabels({ env: l, l: 'default' })),
  label.map((l) => (world: World) => void world.registry.removeMatching({ l })),
  fc.constant((world: World) => world.registry.resetMetrics()),
);
