import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type Aggregator, Gauge, type GaugeMerge, Registry } from 'promark';
import { EndedSources } from '../../../lib/replica/merge/ended-sources.js';
import { sampleLines } from '../../support/page.js';
import { mergeInto, sourceOf } from './sources.js';

interface Setting {
  readonly aggregate?: GaugeMerge;
  readonly aggregator?: Aggregator;
}

/** The lines of a gauge that four sources have: the first is the own registry, the last never sets it. */
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

/** The results of the same script with the Python client, written by `fixtures/python-gauge-modes.py`. */
const python = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/python-gauge-modes.json'), 'utf8')) as {
  readonly script: readonly (readonly (readonly [queue: string, value: number])[])[];
  readonly alive: Readonly<Record<GaugeMerge, readonly (readonly [labels: object, value: number])[]>>;
  readonly ended: Readonly<Record<GaugeMerge, readonly (readonly [labels: object, value: number])[]>>;
};

describe('the script that was run with the Python client', () => {
  test.each(Object.keys(python.alive) as GaugeMerge[])('gives the same by %s', async (aggregate) => {
    const own = new Registry();
    const registries = python.script.map(() => new Registry());
    const sources = registries.map((registry, i) => sourceOf(registry, i + 1));
    mergeInto(own, sources);
    for (const [i, settings] of python.script.entries()) {
      const registers = [registries[i]];
      const gauge = new Gauge({ name: 'g', help: 'G', labelNames: ['queue'], aggregate, registers });
      for (const [queue, value] of settings) {
        const before = Date.now();
        while (Date.now() === before);
        gauge.set({ queue }, value);
      }
    }
    expect(await seriesOf(own)).toEqual(python.alive[aggregate]);
    for (const source of sources.slice(0, 2)) source.isAlive = false;
    expect(await seriesOf(own)).toEqual(python.ended[aggregate]);
    // Folding ended sources changes nothing.
    const left = new EndedSources(['worker']);
    for (const source of sources.splice(0, 2)) for (const family of source.families()) left.fold(family, source);
    mergeInto(own, [...sources, left]);
    expect(await seriesOf(own)).toEqual(python.ended[aggregate]);
  });
});

async function seriesOf(registry: Registry): Promise<[labels: object, value: number][]> {
  const samples = (await registry.gather()).flatMap((family) => family.samples);
  const series = samples.map(({ labels, value }): [Record<string, string>, number] => [labels, value]);
  const keyOf = ([labels]: (typeof series)[number]) => JSON.stringify(Object.entries(labels).sort());
  return series.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
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
    // Unless it only shows live sources, the value of an ended source stays.
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

  test('that is to be omitted is not shown if only one other source has it', async () => {
    const [own, other] = [new Registry(), new Registry()];
    mergeInto(own, [sourceOf(other, 1)]);
    new Gauge({ name: 'theirs', help: 'G', aggregator: 'omit', registers: [other] }).set(1);
    new Gauge({ name: 'mine', help: 'G', aggregator: 'omit', registers: [own] }).set(1);
    expect(sampleLines(await own.metrics())).toEqual(['mine 1']);
  });

  test.each<GaugeMerge>(['min', 'max', 'mostrecent'])('that no source has set is 0 by %s', async (aggregate) => {
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

  test('has the value that was set last, however soon after the others', async () => {
    const labelNames = ['id'] as const;
    const registries = [new Registry(), new Registry(), new Registry()];
    const gauges = registries.map((registry) => {
      return new Gauge({ name: 'g', help: 'G', labelNames, aggregate: 'mostrecent', registers: [registry] });
    });
    const [own, ...others] = registries;
    const sources = others.map((registry, i) => sourceOf(registry, i + 1));
    mergeInto(own, sources);
    for (let id = 0; id < 300; id++) {
      for (const i of [id, id + 1, id + 2]) gauges[i % 3].set({ id }, i % 3);
    }
    const expected = Array.from({ length: 300 }, (_, id) => `g{id="${id}"} ${(id + 2) % 3}`);
    expect(sampleLines(await own.metrics()).sort()).toEqual(expected.sort());
    const ended = new EndedSources(['worker']);
    for (const source of sources) for (const family of source.families()) ended.fold(family, source);
    mergeInto(own, [ended]);
    expect(sampleLines(await own.metrics()).sort()).toEqual(expected);
  });

  test('has a series as long as any source has it', async () => {
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

  test('keeps its own label with the name of the label of a source', async () => {
    const registries = [new Registry(), new Registry(), new Registry()];
    const gauges = registries.map((registry) => {
      return new Gauge({ name: 'g', help: 'G', labelNames: ['worker'], aggregate: 'all', registers: [registry] });
    });
    const [own, ...others] = registries;
    const sources = others.map((registry, i) => sourceOf(registry, i + 1));
    mergeInto(own, sources);
    for (const [i, gauge] of gauges.entries()) gauge.set({ worker: 'digger' }, i);
    const expected = [
      'g{worker="digger"} 0',
      'g{worker="digger",source_worker="1"} 1',
      'g{worker="digger",source_worker="2"} 2',
    ];
    expect(sampleLines(await own.metrics())).toEqual(expected);
    const ended = new EndedSources(['worker']);
    for (const source of sources) for (const family of source.families()) ended.fold(family, source);
    mergeInto(own, [ended]);
    expect(sampleLines(await own.metrics())).toEqual(expected);
  });
});
