import { describe, expect, test } from '@jest/globals';
import { type Aggregator, Gauge, type GaugeMerge, Registry } from 'promark';
import { sampleLines } from '../../support/page.js';
import { mergeInto, sourceOf } from './sources.js';

interface Setting {
  readonly aggregate?: GaugeMerge;
  readonly aggregator?: Aggregator;
}

/** The lines of a gauge that four sources have: the first is the own registry, the last has never set it. */
async function linesOf(setting: Setting, values: readonly number[], ended: readonly number[] = []): Promise<string[]> {
  const registries = [...values, undefined].map(() => new Registry());
  const gauges = registries.map((registry) => new Gauge({ name: 'g', help: 'G', ...setting, registers: [registry] }));
  const [own, ...others] = registries;
  const sources = others.map((registry, i) => sourceOf(registry, i + 1));
  mergeInto(own, sources);
  for (const [i, value] of values.entries()) {
    const before = Date.now();
    while (Date.now() === before);
    gauges[i].set(value);
  }
  for (const i of ended) sources[i - 1].isAlive = false;
  return sampleLines(await own.metrics());
}

describe('a gauge of several sources', () => {
  test.each<[GaugeMerge, alive: string[], ended: string[]]>([
    ['all', ['g 5', 'g{worker="1"} 3', 'g{worker="2"} 4', 'g{worker="3"} 0'], []],
    ['liveall', ['g 5', 'g{worker="1"} 3', 'g{worker="2"} 4', 'g{worker="3"} 0'], ['g 5', 'g{worker="3"} 0']],
    ['sum', ['g 12'], []],
    ['livesum', ['g 12'], ['g 5']],
    ['min', ['g 3'], []],
    ['livemin', ['g 3'], ['g 5']],
    ['max', ['g 5'], []],
    ['livemax', ['g 5'], ['g 5']],
    ['mostrecent', ['g 4'], []],
    ['livemostrecent', ['g 4'], ['g 5']],
  ])('merges by %s', async (aggregate, alive, ended) => {
    expect(await linesOf({ aggregate }, [5, 3, 4])).toEqual(alive);
    // What is not of the living only stays as it was when its source ends.
    expect(await linesOf({ aggregate }, [5, 3, 4], [1, 2])).toEqual(ended.length === 0 ? alive : ended);
  });

  test.each<[Aggregator | undefined, alive: string[], ended: string[]]>([
    [undefined, ['g 12'], ['g 5']],
    ['sum', ['g 12'], ['g 5']],
    ['first', ['g 5'], ['g 5']],
    ['min', ['g 3'], ['g 5']],
    ['max', ['g 5'], ['g 5']],
    ['average', ['g 4'], ['g 5']],
    ['omit', [], []],
  ])('merges by the aggregator %s over the living if no mode is set', async (aggregator, alive, ended) => {
    expect(await linesOf({ aggregator }, [5, 3, 4])).toEqual(alive);
    expect(await linesOf({ aggregator }, [5, 3, 4], [1, 2])).toEqual(ended);
  });

  test.each<GaugeMerge>(['min', 'max', 'mostrecent'])('that nobody has set is 0 by %s', async (aggregate) => {
    expect(await linesOf({ aggregate }, [])).toEqual(['g 0']);
  });

  test('counts a value of 0, -0 and NaN as set', async () => {
    expect(await linesOf({ aggregate: 'min' }, [5, 0])).toEqual(['g 0']);
    expect(await linesOf({ aggregate: 'max' }, [-5, -0])).toEqual(['g 0']);
    expect(await linesOf({ aggregate: 'mostrecent' }, [5, Number.NaN])).toEqual(['g NaN']);
  });

  test('counts what was set back by inc and dec as set, and is unset again after a reset', async () => {
    const registries = [new Registry(), new Registry()];
    const [mine, theirs] = registries.map(
      (registry) => new Gauge({ name: 'g', help: 'G', aggregate: 'max', registers: [registry] }),
    );
    mergeInto(registries[0], [sourceOf(registries[1], 1)]);
    mine.set(-5);
    theirs.inc();
    theirs.dec();
    expect(sampleLines(await registries[0].metrics())).toEqual(['g 0']);
    theirs.reset();
    await Promise.resolve();
    expect(sampleLines(await registries[0].metrics())).toEqual(['g -5']);
  });

  test('has a series for each source that has one, until none has it', async () => {
    const registries = [new Registry(), new Registry()];
    const [mine, theirs] = registries.map(
      (registry) => new Gauge({ name: 'g', help: 'G', labelNames: ['a'], aggregate: 'liveall', registers: [registry] }),
    );
    const source = sourceOf(registries[1], 7);
    mergeInto(registries[0], [source]);
    mine.set({ a: 'x' }, 1);
    theirs.set({ a: 'x' }, 2);
    theirs.set({ a: 'y' }, 3);
    expect(sampleLines(await registries[0].metrics())).toEqual([
      'g{a="x"} 1',
      'g{a="x",worker="7"} 2',
      'g{a="y",worker="7"} 3',
    ]);
    theirs.remove('x');
    expect(sampleLines(await registries[0].metrics())).toEqual(['g{a="x"} 1', 'g{a="y",worker="7"} 3']);
    source.isAlive = false;
    expect(sampleLines(await registries[0].metrics())).toEqual(['g{a="x"} 1']);
  });
});
