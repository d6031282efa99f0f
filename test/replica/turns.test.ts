import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type FamilySnapshot, Gauge, Histogram, Registry, StateSet, Summary } from 'promark';
import { snapshotOf } from '../../lib/model/snapshot-of.js';
import { PROTOBUF } from '../formats/protobuf/accept.js';
import { finish, mirrored } from './mirrored.js';

/** A registry and what another thread reads of it at this moment, in the middle of a turn. */
function read() {
  const registry = new Registry();
  const labelNames = ['id'] as const;
  const config = <N extends string>(name: N) => ({ name, help: name, labelNames, registers: [registry] });
  const mirror = mirrored(registry);
  return {
    registry,
    gauge: new Gauge(config('gauge')),
    histogram: new Histogram({ ...config('histogram'), buckets: [1, 2], enableExemplars: true }),
    native: new Histogram({ ...config('native'), native: true, buckets: false }),
    summary: new Summary({ ...config('summary'), percentiles: [0.5], maxAgeSeconds: 1e6 }),
    states: new StateSet({ ...config('states'), states: ['off', 'on'] }),
    now(showsAdditions = false): FamilySnapshot[] {
      mirror.mirror.showsAdditions = showsAdditions;
      finish(mirror.mirror.syncing());
      return mirror.mirror.members().map(({ source }) => snapshotOf(source));
    },
    /** As it counts when the program ends in the middle of a turn. */
    ended(): FamilySnapshot[] {
      mirror.mirror.hasEnded = true;
      return this.now();
    },
    async same(): Promise<void> {
      expect(await mirror.page()).toBe(await registry.metrics());
      expect(Buffer.compare(await mirror.bytes(PROTOBUF), (await registry.render(PROTOBUF)).body)).toBe(0);
    },
  };
}

/** Lets the current turn end. */
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('a mirror knows whether the program is in a turn that has changed series or settings', async () => {
  const registry = new Registry();
  const gauge = new Gauge({ name: 'g', help: 'g', labelNames: ['id'], registers: [registry] });
  gauge.set({ id: 1 }, 1);
  const { mirror } = mirrored(registry);
  const isUpToDate = () => {
    mirror.sync();
    return mirror.isUpToDate;
  };
  await nextTurn();
  gauge.set({ id: 1 }, 2);
  expect(isUpToDate()).toBe(true);
  for (const change of [() => gauge.set({ id: 2 }, 2), () => gauge.reset(), () => registry.setPrefix('p_')]) {
    change();
    expect(isUpToDate()).toBe(false);
    await nextTurn();
    expect(isUpToDate()).toBe(true);
  }
});

function fill(
  { gauge, histogram, native, summary, states }: ReturnType<typeof read>,
  from: number,
  to: number,
  by = 1,
) {
  for (let id = from; id < to; id++) {
    gauge.set({ id }, id * by + 1);
    for (let i = 0; i < 3; i++) {
      histogram.observe({ id }, i * by, { trace_id: `${id} ${by}` });
      native.observe({ id }, (i + 1) * by);
      summary.observe({ id }, i * by);
    }
    states.labels({ id }).state('on');
  }
}

const all = (metrics: ReturnType<typeof read>) => {
  const { gauge, histogram, native, summary, states } = metrics;
  return [gauge, histogram, native, summary, states];
};

const step = fc.record({
  what: fc.constantFrom('reset', 'remove', 'zero', 'fill', 'turn'),
  on: fc.nat({ max: 4 }),
  id: fc.nat({ max: 5 }),
});

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Does what a step says; resolves at once unless it ends the turn. */
function take(metrics: ReturnType<typeof read>, { what, on, id }: Step): void | Promise<void> {
  const metric = all(metrics)[on];
  if (what === 'turn') return nextTurn();
  if (what === 'reset') metric.reset();
  else if (what === 'remove') metric.remove({ id });
  else if (what === 'zero') metric.zero({ id });
  else fill(metrics, id, id + 2, on + 1);
}

describe('what a program does in one turn', () => {
  test.each(['reset', 'remove', 'zero'] as const)(
    'is not seen before the turn has ended: %s and refill',
    async (what) => {
      const metrics = read();
      fill(metrics, 0, 5);
      await nextTurn();
      const before = metrics.now();
      for (let round = 2; round < 5; round++) {
        for (const metric of all(metrics)) {
          if (what === 'reset') metric.reset();
          for (let id = 0; id < 5 && what !== 'reset'; id++) {
            if (what === 'zero') metric.zero({ id });
            else metric.remove({ id });
            expect(metrics.now()).toEqual(round === 2 ? before : expect.anything());
          }
        }
        if (round === 2) expect(metrics.now()).toEqual(before);
        fill(metrics, 0, 3, round);
        if (round === 2) expect(metrics.now()).toEqual(before);
        fill(metrics, 3, 5, round);
        if (round === 2) expect(metrics.now()).toEqual(before);
      }
      await nextTurn();
      expect(metrics.now()).not.toEqual(before);
      await metrics.same();
    },
  );

  test('is not visible in kept children', async () => {
    const metrics = read();
    const labels = { id: 'kept' };
    const { gauge, histogram, native, summary, states } = metrics;
    const children = [gauge, histogram, native, summary, states].map((metric) => metric.labels(labels));
    fill(metrics, 0, 2);
    gauge.set(labels, 7);
    native.observe(labels, 3);
    summary.observe(labels, 3);
    histogram.observe(labels, 1, { trace_id: 'a' });
    states.labels(labels).state('on');
    await nextTurn();
    const before = metrics.now();
    for (const metric of all(metrics)) metric.reset();
    expect(metrics.now()).toEqual(before);
    for (const child of children) if ('observe' in child) child.observe(2);
    gauge.labels(labels).set(5);
    for (const metric of all(metrics)) metric.reset();
    gauge.labels(labels).set(6);
    native.observe(labels, 9);
    histogram.observe(labels, 1, { trace_id: 'b' });
    expect(metrics.now()).toEqual(before);
    await nextTurn();
    await metrics.same();
  });

  test('that creates a series shows it with its first value', async () => {
    const metrics = read();
    await nextTurn();
    const before = metrics.now();
    const child = metrics.gauge.labels('a');
    expect(metrics.now()).toEqual(before);
    child.set(5);
    await nextTurn();
    await metrics.same();
  });

  test('is seen if the program is stuck in the turn, except for families with removed series', async () => {
    const metrics = read();
    const { gauge, histogram } = metrics;
    fill(metrics, 0, 2);
    await nextTurn();
    const before = metrics.now();
    histogram.observe({ id: 'new' }, 1);
    gauge.set({ id: 'new' }, 1);
    gauge.remove({ id: 0 });
    gauge.set({ id: 'newer' }, 1);
    gauge.set({ id: 1 }, 99);
    const ids = (families: FamilySnapshot[], name: string) =>
      families.find((family) => family.name === name)?.samples.map(({ labels }) => labels.id);
    const now = metrics.now(true);
    expect(ids(now, 'histogram')).toContain('new');
    expect(ids(now, 'gauge')).toEqual([...(ids(before, 'gauge') ?? []), 'new']);
    expect(now.find(({ name }) => name === 'gauge')?.samples[1].value).toBe(99);
    await nextTurn();
    await metrics.same();
  });

  test('never changes the series of a page, whatever it does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const metrics = read();
        fill(metrics, 0, 3);
        await nextTurn();
        const series = () => metrics.now().map(({ samples }) => samples.map(({ name, labels }) => [name, labels]));
        let before = series();
        for (const step of steps) {
          const turn = take(metrics, step);
          if (turn !== undefined) {
            await turn;
            before = series();
            await metrics.same();
          }
          expect(series()).toEqual(before);
        }
        await nextTurn();
        await metrics.same();
      }),
      { numRuns: 40 },
    );
  });

  test('counts as far as it got if the program has ended, at any moment', async () => {
    const values = (families: FamilySnapshot[]) =>
      families.map(({ name, samples }) => [
        name,
        samples.map(({ name, labels, value, native }) => [name, labels, value, native?.positive]),
      ]);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const metrics = read();
        fill(metrics, 0, 3);
        for (const step of steps) {
          const turn = take(metrics, step);
          if (turn !== undefined) await turn;
        }
        expect(values(metrics.ended())).toEqual(values(all(metrics).map((metric) => snapshotOf(metric))));
      }),
      { numRuns: 100 },
    );
  });

  test('adds series at once where these are asked for, and is seen as a whole if it removes any', async () => {
    const metrics = read();
    const ids = () => {
      const gauge = metrics.now(true).find(({ name }) => name === 'gauge');
      return gauge?.samples.map(({ labels, value }) => `${labels.id} ${value}`);
    };
    metrics.gauge.set({ id: 'a' }, 1);
    await nextTurn();
    const b = metrics.gauge.labels('b');
    expect(ids()).toEqual(['a 1']);
    b.set(2);
    expect(ids()).toEqual(['a 1', 'b 2']);
    metrics.gauge.remove('a');
    metrics.gauge.set({ id: 'c' }, 3);
    metrics.gauge.set({ id: 'a' }, 4);
    b.set(5);
    expect(ids()).toEqual(['a 1', 'b 5']);
    await nextTurn();
    expect(ids()?.sort()).toEqual(['a 4', 'b 5', 'c 3']);
    await metrics.same();
  });
});
