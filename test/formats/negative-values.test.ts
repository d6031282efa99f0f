import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type FamilySnapshot, Histogram, parseOpenMetrics, Registry, Summary } from 'promark';
import { runs } from '../support/property-runs.js';

const OPENMETRICS = 'application/openmetrics-text;version=1.0.0';

const value = fc.oneof(fc.constantFrom(0, -0, -5, 5, -1e300, 1e300, 5e-324), fc.integer({ min: -50, max: 50 }));
const native = fc.oneof(value, fc.constantFrom(Number.NaN, Infinity, -Infinity));
const observations = fc.array(fc.tuple(fc.constantFrom('a', 'b'), value, native), { maxLength: 8 });
const bounds = fc
  .uniqueArray(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 4 })
  .map((list) => list.sort((a, b) => a - b));

/** Throws if a page breaks a rule for exposers. */
const isValid = (page: string): FamilySnapshot[] => parseOpenMetrics(page, { asExposed: true });

describe('an OpenMetrics page', () => {
  test('is valid whatever is observed, and equals one that is written from scratch', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(observations, { minLength: 1, maxLength: 5 }), bounds, async (rounds, buckets) => {
        const registry = new Registry();
        const config = { help: 'h', labelNames: ['l'], registers: [registry], enableExemplars: true } as const;
        const plain = new Histogram({ ...config, name: 'plain', buckets });
        const fine = new Histogram({ ...config, name: 'fine', buckets, native: true });
        const summary = new Summary({ ...config, name: 'summary' });
        for (const round of rounds) {
          for (const [l, number, any] of round) {
            plain.observe({ l }, number, { trace_id: 'x' });
            fine.observe({ l }, any, { trace_id: 'y' });
            summary.observe({ l }, number);
          }
          const page = (await registry.render(OPENMETRICS)).text;
          isValid(page);
          // Setting default labels discards what is prepared.
          registry.setDefaultLabels({});
          expect((await registry.render(OPENMETRICS)).text).toBe(page);
        }
      }),
      { numRuns: runs(60) },
    );
  });

  test('is valid if a collector yields what was observed', async () => {
    await fc.assert(
      fc.asyncProperty(observations, bounds, async (round, buckets) => {
        const source = new Registry();
        const plain = new Histogram({ name: 'plain', help: 'P', labelNames: ['l'], buckets, registers: [source] });
        const summary = new Summary({ name: 'summary', help: 'S', labelNames: ['l'], registers: [source] });
        for (const [l, number] of round) {
          plain.observe({ l }, number);
          summary.observe({ l }, number);
        }
        const registry = new Registry();
        registry.registerCollector({ name: 'others', collect: () => source.gather() });
        const page = (await registry.render(OPENMETRICS)).text;
        isValid(page);
        expect(page).toBe((await source.render(OPENMETRICS)).text);
      }),
      { numRuns: runs(60) },
    );
  });
});
