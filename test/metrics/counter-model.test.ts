import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Counter, type CounterChild, parseText, Registry } from 'promark';
import { runs } from '../support/property-runs.js';

const LIMIT = 6;
const OVERFLOW = '__overflow__';

type Pair = readonly [a: string, b: string];

/** What a counter with two labels should do, with nothing but a Map. */
class Model {
  readonly series = new Map<string, { value: number; held: boolean }>();
  private overflow: object | undefined;

  admit(pair: Pair): { value: number; held: boolean } {
    const known = this.series.get(key(pair));
    if (known !== undefined) return known;
    const regular = this.series.size - (this.overflow === undefined ? 0 : 1);
    if (regular < LIMIT) return this.enter(pair);
    const full = this.series.get(key([OVERFLOW, OVERFLOW])) ?? this.enter([OVERFLOW, OVERFLOW]);
    this.overflow = full;
    return full;
  }

  remove(matches: (pair: Pair) => boolean): void {
    for (const [text, series] of this.series) {
      if (!matches(JSON.parse(text))) continue;
      this.series.delete(text);
      if (this.overflow === series) this.overflow = undefined;
    }
  }

  zero(pair: Pair): void {
    const series = this.admit(pair);
    if (series !== this.overflow) series.value = 0;
  }

  reset(): void {
    for (const series of this.series.values()) if (series.held) series.value = 0;
    const loose = [...this.series].filter(([, { held }]) => !held).map(([text]) => text);
    this.remove((pair) => loose.includes(key(pair)));
  }

  private enter(pair: Pair): { value: number; held: boolean } {
    const series = { value: 0, held: false };
    this.series.set(key(pair), series);
    return series;
  }
}

function key(pair: Pair): string {
  return JSON.stringify(pair);
}

const text = fc.constantFrom('', 'x', 'y', '|', '\n', OVERFLOW);
const pair = fc.tuple(text, text);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('inc' as const), pair, by: fc.integer({ min: 0, max: 9 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('hold' as const), pair }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('use' as const), which: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('remove' as const), pair }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('match' as const), text }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('zero' as const), pair }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reset' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('page' as const) }) },
);

describe('a counter', () => {
  test('and its pages match a Map, whatever is called in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
        const registry = new Registry({ logger: { warn() {} } });
        const config = { name: 'x_total', help: 'X', labelNames: ['a', 'b'], maxSeries: LIMIT } as const;
        const counter = new Counter({ ...config, registers: [registry] });
        const model = new Model();
        const kept: { child: CounterChild; series: { value: number } }[] = [];
        const check = async () => {
          const families = parseText(await registry.metrics());
          const samples = families.find(({ name }) => name === 'x_total')?.samples ?? [];
          const page = samples.map(({ labels, value }) => [key([labels.a ?? '', labels.b ?? '']), value]);
          const wanted = [...model.series].map(([text, { value }]) => [text, value]);
          expect(page.sort()).toEqual(wanted.sort());
        };
        for (const each of steps) {
          if (each.do === 'inc') {
            const [a, b] = each.pair;
            counter.inc({ a, b }, each.by);
            model.admit(each.pair).value += each.by;
          } else if (each.do === 'hold') {
            const series = model.admit(each.pair);
            series.held = true;
            kept.push({ child: counter.labels(...each.pair), series });
          } else if (each.do === 'use' && kept.length > 0) {
            const { child, series } = kept[each.which % kept.length];
            child.inc();
            series.value += 1;
          } else if (each.do === 'remove') {
            counter.remove(...each.pair);
            model.remove((other) => key(other) === key(each.pair));
          } else if (each.do === 'match') {
            counter.removeMatching({ b: each.text });
            model.remove(([, b]) => b === each.text);
          } else if (each.do === 'zero') {
            const [a, b] = each.pair;
            counter.zero({ a, b });
            model.zero(each.pair);
          } else if (each.do === 'reset') {
            counter.reset();
            model.reset();
          } else if (each.do === 'page') await check();
        }
        await check();
      }),
      { numRuns: runs(150) },
    );
  });
});
