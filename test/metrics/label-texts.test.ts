import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Counter, parsePage, parseText, Registry } from 'promark';

const COUNT = 10_000;

const awkward = [
  '\n',
  '\\',
  '"',
  '\\n',
  '{',
  '}',
  '=',
  ',',
  ' ',
  '\t',
  '\r',
  '\0',
  '#',
  '|',
  'é',
  '😀',
  '\u2028',
  '__proto__',
];
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc.array(fc.constantFrom(...awkward), { maxLength: 6 }).map((parts) => parts.join('')),
);

describe('10 000 random label values', () => {
  test('stay distinct and are parsed from the page unchanged', async () => {
    const pairs = fc.sample(fc.tuple(text, text), { numRuns: COUNT, seed: 20_261_122 });
    const registry = new Registry({ maxSeries: 0 });
    const hits = new Counter({ name: 'hits_total', help: 'Hits', labelNames: ['a', 'b'], registers: [registry] });
    const model = new Map<string, number>();
    pairs.forEach(([a, b], i) => {
      if (i % 2 === 0) hits.inc({ a, b });
      else hits.labels(a, b).inc();
      const key = JSON.stringify([a, b]);
      model.set(key, (model.get(key) ?? 0) + 1);
    });
    expect(model.size).toBeGreaterThan(COUNT / 2);

    const openMetrics = await registry.render('application/openmetrics-text; version=1.0.0');
    for (const families of [
      parseText(await registry.metrics()),
      parsePage(openMetrics.text, openMetrics.contentType),
    ]) {
      const { samples } = families.find(({ name }) => name === 'hits_total') ?? families[0];
      const read = new Map(
        samples.map(({ labels, value }) => [JSON.stringify([labels.a ?? '', labels.b ?? '']), value]),
      );
      expect(samples.length).toBe(model.size);
      expect([...read].filter(([key, value]) => model.get(key) !== value)).toEqual([]);
    }
  });
});
