import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Counter, Registry } from 'promark';
import { everyType, operation, perform } from '../registry/every-type.js';
import { runs } from '../support/property-runs.js';
import { newFolder } from './folder.js';
import { fileStore, type Kind, published } from './in-file.js';

describe.each<Kind>(['mapped', 'buffered'])('a %s file', (kind) => {
  test('shows the page of its registry after any operations', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 60 }), async (operations) => {
        const place = fileStore(newFolder(), kind);
        const metrics = everyType(false, place.store);
        const { registry } = metrics;
        const file = published(registry, place, kind);
        for (const one of operations) {
          perform(metrics, one);
          if (one.what === 'rewrite') for (const _ of file.publication.rewriting());
          if (one.what === 'scrape') expect(await file.page()).toBe(await registry.metrics());
        }
        expect(await file.page()).toBe(await registry.metrics());
        file.close();
      }),
      { numRuns: runs(30) },
    );
  });

  test('holds many families and series', async () => {
    const place = fileStore(newFolder(), kind);
    const registry = new Registry({ store: place.store });
    const file = published(registry, place, kind);
    for (let family = 0; family < 60; family++) {
      const counter = new Counter({
        name: `c${family}_total`,
        help: 'c',
        labelNames: ['n'],
        registers: [registry],
        maxSeries: 0,
      });
      for (let i = 0; i < 200; i++) counter.inc({ n: i }, i);
    }
    expect(await file.page()).toBe(await registry.metrics());
    file.close();
  });
});
