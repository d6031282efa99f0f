import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Histogram, Registry } from 'promark';
import { PROTOBUF } from '../../formats/protobuf/accept.js';
import { finish, mirrored } from '../../replica/mirrored.js';
import { runs } from '../../support/property-runs.js';

const value = fc.oneof(fc.double(), fc.double({ min: -100, max: 100 }), fc.integer({ min: -3, max: 40 }));
const operation = fc.record({
  what: fc.constantFrom('observe', 'observe', 'observe', 'observe', 'remove', 'zero', 'reset', 'page', 'rewrite'),
  label: fc.constantFrom('x', 'y', 'z'),
  value,
});

test('another thread reads the same native buckets from shared memory, after any operations', async () => {
  const settings = fc.record({
    schema: fc.integer({ min: -4, max: 8 }),
    maxBuckets: fc.constantFrom(0, 1, 4),
    maxZeroThreshold: fc.constantFrom(0, 1),
    zeroThreshold: fc.constantFrom(0, 0.001),
  });
  await fc.assert(
    fc.asyncProperty(settings, fc.array(operation, { maxLength: 80 }), async (native, operations) => {
      const registry = new Registry();
      const registers = [registry];
      const labelNames = ['a'] as const;
      const histogram = new Histogram({ name: 'h', help: 'h', native, buckets: [0, 5], labelNames, registers });
      const { bytes, publication, end } = mirrored(registry);
      for (const { what, label, value: observed } of operations) {
        if (what === 'observe') histogram.labels(label).observe(observed);
        else if (what === 'remove') histogram.remove(label);
        else if (what === 'zero') histogram.zero({ a: label });
        else if (what === 'reset') histogram.reset();
        else if (what === 'rewrite') finish(publication.rewriting());
        else expect(Buffer.compare(await bytes(PROTOBUF), (await registry.render(PROTOBUF)).body)).toBe(0);
      }
      expect(Buffer.compare(await bytes(PROTOBUF), (await registry.render(PROTOBUF)).body)).toBe(0);
      end();
    }),
    { numRuns: runs(200) },
  );
});
