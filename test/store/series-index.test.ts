import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SeriesIndex } from '../../lib/store/series-index.js';
import { runs } from '../support/property-runs.js';

function find(index: SeriesIndex, values: readonly string[]): number {
  return index.find(values);
}

type Step = { readonly add: boolean; readonly values: readonly string[] };

/** Few different strings, so that series come, go and come back. */
const text = fc.oneof(
  fc.constantFrom('', 'a', 'b', '|', 'a|', '|a', '\0', '__proto__', 'constructor', '\ud800', '💩'),
  fc.integer({ min: 0, max: 40 }).map(String),
);
const plan = fc.integer({ min: 0, max: 4 }).chain((labels) =>
  fc.record({
    labels: fc.constant(labels),
    steps: fc.array(
      fc.record<Step>({ add: fc.boolean(), values: fc.array(text, { minLength: labels, maxLength: labels }) }),
      { maxLength: 300 },
    ),
  }),
);

describe('the index of series', () => {
  test('finds the same as a Map of the concatenated values, whatever is added and removed', () => {
    fc.assert(
      fc.property(plan, ({ labels, steps }) => {
        const index = new SeriesIndex(labels);
        const model = new Map<string, { readonly row: number; readonly values: readonly string[] }>();
        const spare: number[] = [];
        let rows = 0;
        for (const { add, values } of steps) {
          const key = JSON.stringify(values);
          const known = model.get(key);
          expect(find(index, values)).toBe(known?.row ?? -1);
          if (add && known === undefined) {
            const row = spare.pop() ?? rows++;
            index.add(row, values);
            model.set(key, { row, values });
          } else if (!add && known !== undefined) {
            index.remove(known.row);
            model.delete(key);
            spare.push(known.row);
          }
        }
        for (const { row, values } of model.values()) {
          expect(find(index, values)).toBe(row);
          expect(index.valuesOf(row)).toEqual(values);
        }
      }),
      { numRuns: runs(300) },
    );
  });

  test('keeps thousands of series apart while every second one is removed', () => {
    const index = new SeriesIndex(2);
    const count = 20_000;
    for (let row = 0; row < count; row++) index.add(row, [String(row % 100), String(row)]);
    for (let row = 0; row < count; row += 2) index.remove(row);
    const found = Array.from({ length: count }, (_, row) => find(index, [String(row % 100), String(row)]));
    expect(found.every((row, i) => row === (i % 2 === 0 ? -1 : i))).toBe(true);
  });

  test('finds the same by the numbers of a few values, while series are looked up often, come, go and come back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), fc.array(fc.nat(999), { maxLength: 200 }), (labels, numbers) => {
        const index = new SeriesIndex(labels);
        const rows = new Map<string, number>();
        const spare: number[] = [];
        const valuesOf = (number: number) =>
          Array.from({ length: labels }, (_, i) => `${Math.floor(number / 10 ** i) % 10}`);
        const rowOf = (values: readonly string[]) => {
          if (labels === 1) return index.findOne(values[0]);
          return labels === 2 ? index.findTwo(values[0], values[1]) : index.findThree(values[0], values[1], values[2]);
        };
        for (const number of numbers) {
          const values = valuesOf(number);
          const known = rows.get(values.join());
          expect(rowOf(values)).toBe(known ?? -1);
          if (known === undefined) {
            const row = spare.pop() ?? rows.size;
            index.add(row, values);
            rows.set(values.join(), row);
          } else if (number % 3 === 0) {
            index.remove(known);
            rows.delete(values.join());
            spare.push(known);
          }
          for (const [key, row] of rows) expect(rowOf(key.split(','))).toBe(row);
        }
      }),
      { numRuns: runs(100) },
    );
  });

  test('does not find the previous string of a reused row', () => {
    const index = new SeriesIndex(2);
    index.add(0, ['old', 'x']);
    index.remove(0);
    index.add(0, ['new', 'x']);
    expect(find(index, ['old', 'x'])).toBe(-1);
    expect(find(index, ['new', 'x'])).toBe(0);
    expect(index.valuesOf(0)).toEqual(['new', 'x']);
  });

  test('finds nothing for values that only other labels have', () => {
    const index = new SeriesIndex(2);
    index.add(0, ['a', 'b']);
    expect(find(index, ['b', 'a'])).toBe(-1);
  });
});
