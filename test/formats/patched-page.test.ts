import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Gauge, Histogram, Registry } from 'promark';

const OPENMETRICS = 'application/openmetrics-text;version=1.0.0';

/** Numbers of very different lengths, so that lines grow and shrink. */
const number = fc.oneof(fc.constantFrom(0, 7, 10, 99, 1e6, 1e21, Number.NaN, Infinity, -0.5, 0.1 + 0.2), fc.double());
const step = fc.record({
  changes: fc.array(fc.tuple(fc.nat({ max: 39 }), number), { maxLength: 60 }),
  removed: fc.option(fc.nat({ max: 39 }), { freq: 4 }),
});

describe('a page after changes', () => {
  test('equals a page that is written from scratch', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
        const registry = new Registry();
        const gauge = new Gauge({ name: 'g', help: 'G', labelNames: ['a', 'b'], registers: [registry] });
        const histogram = new Histogram({
          name: 'h',
          help: 'H',
          labelNames: ['a'],
          buckets: [-1, 1],
          registers: [registry],
        });
        for (const { changes, removed } of steps) {
          for (const [series, value] of changes) {
            gauge.set({ a: series % 2 === 0 ? '' : `x"${series}`, b: `ü${series}` }, value);
            if (Number.isFinite(value)) histogram.observe({ a: String(series % 5) }, value);
          }
          if (removed !== null) gauge.remove({ a: removed % 2 === 0 ? '' : `x"${removed}`, b: `ü${removed}` });
          const patched = [(await registry.render()).text, (await registry.render(OPENMETRICS)).text];
          // Setting default labels discards what is prepared.
          registry.setDefaultLabels({});
          expect(patched).toEqual([(await registry.render()).text, (await registry.render(OPENMETRICS)).text]);
        }
      }),
    );
  });

  test('does not change earlier pages', async () => {
    const registry = new Registry();
    const gauge = new Gauge({ name: 'g', help: 'G', labelNames: ['a'], registers: [registry] });
    for (let i = 0; i < 3000; i++) gauge.set({ a: `series ${i}` }, i);
    const first = await registry.render();
    const before = first.text;
    for (let i = 0; i < 3000; i += 7) gauge.set({ a: `series ${i}` }, i + 1);
    const second = await registry.render();
    expect(first.text).toBe(before);
    expect(second.text).not.toBe(before);
  });
});

describe('default labels', () => {
  test('come after those of the series, which take precedence', async () => {
    const registry = new Registry({ defaultLabels: { app: 'sh"op', zone: 'eu', none: '' } });
    const gauge = new Gauge({ name: 'g', help: 'G', labelNames: ['zone', 'job'], registers: [registry] });
    gauge.set({ zone: '', job: '' }, 1);
    gauge.set({ zone: 'us', job: 'x' }, 2);
    expect(await registry.metrics()).toContain(
      '\ng{app="sh\\"op",zone="eu"} 1\ng{zone="us",job="x",app="sh\\"op"} 2\n',
    );
  });
});
