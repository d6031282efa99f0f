import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { Gauge, Registry, ValueError } from 'promark';
import { metricValue } from '../support/page.js';

function gauge() {
  return new Gauge({ name: 'users', help: 'Users', registers: [] });
}

function labeled() {
  return new Gauge({ name: 'users', help: 'Users', labelNames: ['a'], registers: [] });
}

afterEach(() => {
  jest.useRealTimers();
});

describe('a gauge', () => {
  test('can be set, go up and go down', async () => {
    const users = gauge();
    expect(await metricValue(users)).toBe(0);
    users.set(5);
    users.inc();
    users.inc(2.5);
    users.dec();
    users.dec(10);
    expect(await metricValue(users)).toBe(-2.5);
    users.set({}, 1);
    users.inc({}, 2);
    users.dec({});
    expect(await metricValue(users)).toBe(2);
  });

  test.each([
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    -0,
    1e308,
    -Number.MAX_VALUE,
    5e-324,
    2 ** -1060,
    2 ** 53 + 2,
    0.1 + 0.2,
  ])('accepts %p as it is, and -0 as 0', async (number) => {
    const registry = new Registry();
    const users = new Gauge({ name: 'users', help: 'Users', registers: [registry] });
    users.set(number);
    // -0 stands for a gauge that was never set.
    expect(Object.is(await metricValue(users), number + 0)).toBe(true);
    const spelling = Number.isNaN(number) ? 'NaN' : Number.isFinite(number) ? '[-0-9.e+]+' : '[+-]Inf';
    const written = new RegExp(`^users (${spelling})$`, 'm').exec(await registry.metrics())?.[1] ?? '';
    const read = Number(written.replace('Inf', 'Infinity'));
    expect(Object.is(read, number) || (number === 0 && read === 0)).toBe(true);
    const moved = gauge();
    moved.inc(number);
    expect(await metricValue(moved)).toBe(0 + number);
  });

  test.each(['5', true, 5n, {}, [5], Symbol('5'), () => 5])('refuses %p in every form', async (wrong) => {
    const users = gauge();
    users.set(7);
    const child = users.labels();
    for (const refused of [
      () => users.set({}, wrong as never),
      () => users.inc({}, wrong as never),
      () => users.dec({}, wrong as never),
      () => child.set(wrong as never),
      () => child.inc(wrong as never),
      () => child.dec(wrong as never),
      ...(typeof wrong === 'object' ? [] : [() => users.set(wrong as never), () => users.inc(wrong as never)]),
    ]) {
      expect(refused).toThrow(ValueError);
      expect(refused).toThrow(/^Gauge "users": value must be a number, got /);
    }
    expect(await metricValue(users)).toBe(7);
  });

  test('refuses to be set to undefined or null', () => {
    for (const nothing of [undefined, null]) {
      expect(() => gauge().set(nothing as never)).toThrow(ValueError);
      expect(() => gauge().set({}, nothing as never)).toThrow(ValueError);
      expect(() =>
        gauge()
          .labels()
          .set(nothing as never),
      ).toThrow(ValueError);
    }
  });

  test('goes up or down by 1 by default, in every form', async () => {
    const users = gauge();
    for (const nothing of [undefined, null] as never[]) {
      users.inc(nothing);
      users.inc({}, nothing);
      users.labels().inc(nothing);
      users.dec(nothing);
    }
    expect(await metricValue(users)).toBe(4);
  });

  test('accepts null or undefined in place of labels', async () => {
    const users = gauge();
    (users as any).set(undefined, 5);
    (users as any).inc(undefined, 2);
    (users as any).dec(null, 1);
    expect(await metricValue(users)).toBe(6);
  });

  test('can be set to the time in seconds', async () => {
    jest.useFakeTimers({ now: 1_700_000_000_123 });
    const users = gauge();
    users.setToCurrentTime();
    expect(await metricValue(users)).toBe(1_700_000_000.123);
    const other = labeled();
    other.setToCurrentTime({ a: 'x' });
    jest.setSystemTime(1_700_000_001_000);
    other.labels('y').setToCurrentTime();
    expect((await other.get()).values.map((each) => each.value)).toEqual([1_700_000_000.123, 1_700_000_001]);
  });

  test('is on the page even when the clock is at 0', async () => {
    jest.useFakeTimers({ now: 0 });
    const users = labeled();
    users.set({ a: 'x' }, 5);
    expect(await metricValue(users)).toBe(5);
  });
});

describe('trackInProgress', () => {
  test('adds 1 while the body runs, and returns its result', async () => {
    const users = gauge();
    users.set(10);
    const result = {};
    const inside = users.trackInProgress(() => [users.labels().cells[users.labels().index], result]);
    expect(inside).toEqual([11, result]);
    expect(await metricValue(users)).toBe(10);
  });

  test('restores the value when the body throws, and rethrows the error', async () => {
    const users = gauge();
    const error = new Error('no');
    let caught: unknown;
    try {
      users.trackInProgress(() => {
        throw error;
      });
    } catch (thrown) {
      caught = thrown;
    }
    expect(caught).toBe(error);
    expect(await metricValue(users)).toBe(0);
  });

  test('lasts until the promise of the body settles, either way', async () => {
    const users = gauge();
    const ends: (() => void)[] = [];
    const calls = [
      users.trackInProgress(() => new Promise((resolve) => ends.push(() => resolve('done')))),
      users.trackInProgress(() => new Promise((_, reject) => ends.push(() => reject(new Error('no'))))),
    ];
    expect(await metricValue(users)).toBe(2);
    ends[0]();
    await expect(calls[0]).resolves.toBe('done');
    expect(await metricValue(users)).toBe(1);
    ends[1]();
    await expect(calls[1]).rejects.toThrow('no');
    expect(await metricValue(users)).toBe(0);
  });

  test.each<[string, (users: ReturnType<typeof labeled>) => void]>([
    ['removed', (users) => users.remove('x')],
    ['removed by part of its labels', (users) => users.removeMatching({})],
    ['reset', (users) => users.reset()],
    ['zeroed', (users) => users.zero({ a: 'x' })],
  ])('does not decrement a series that was %s meanwhile', async (_what, change) => {
    const users = labeled();
    let end: () => void = () => {};
    const running = users.labels('x').trackInProgress(
      () =>
        new Promise<void>((resolve) => {
          end = resolve;
        }),
    );
    change(users);
    users.labels('x').inc(5);
    end();
    await running;
    expect((await users.get()).values).toEqual([{ labels: { a: 'x' }, value: 5 }]);
  });

  test('does not decrement the series of a family without labels that was reset meanwhile', async () => {
    for (const change of [(users: Gauge) => users.reset(), (users: Gauge) => users.remove()]) {
      const users = gauge();
      users.trackInProgress(() => change(users));
      expect(await metricValue(users)).toBe(0);
    }
  });
});

describe('setFunction', () => {
  test('provides the value for every page, until it is unset', async () => {
    const registry = new Registry();
    const users = new Gauge({ name: 'users', help: 'Users', registers: [registry] });
    let now = 1;
    users.setFunction(() => now++);
    expect(await registry.metrics()).toContain('users 1\n');
    expect(await registry.metrics()).toContain('users 2\n');
    expect(await metricValue(users)).toBe(3);
    users.setFunction(undefined);
    expect(await registry.metrics()).toContain('users 3\n');
  });

  test('belongs to one series, and is removed with it', async () => {
    const users = labeled();
    users.labels('x').setFunction(() => 1);
    users.labels('y').setFunction(() => 2);
    users.set({ a: 'z' }, 3);
    expect((await users.get()).values.map((each) => each.value)).toEqual([1, 2, 3]);
    users.remove('x');
    expect((await users.get()).values.map((each) => each.value)).toEqual([2, 3]);
    users.labels('x');
    expect((await users.get()).values.find(({ labels }) => labels.a === 'x')?.value).toBe(0);
  });

  test('runs before collect', async () => {
    const seen: number[] = [];
    const users: Gauge = new Gauge({
      name: 'users',
      help: 'Users',
      registers: [],
      collect() {
        seen.push(this.labels().cells[this.labels().index]);
      },
    });
    users.setFunction(() => 5);
    await users.get();
    expect(seen).toEqual([5]);
  });

  test('leaves the family off the page if it throws or does not return a number, and warns once', async () => {
    const warnings: string[] = [];
    const registry = new Registry({ logger: { warn: (message) => warnings.push(message) } });
    const users = new Gauge({ name: 'users', help: 'Users', registers: [registry] });
    new Gauge({ name: 'other', help: 'Other', registers: [registry] });
    users.setFunction(() => {
      throw new Error('no');
    });
    await registry.metrics();
    users.setFunction(() => '5' as never);
    const page = await registry.metrics();
    expect(page).not.toContain('users 0');
    expect(page).toContain('other 0\n');
    expect(page).toContain('promark_collect_errors_total{family="users"} 2\n');
    expect(warnings).toHaveLength(1);
  });

  test('refuses something that is not a function', () => {
    expect(() => gauge().setFunction(5 as never)).toThrow(
      new ValueError('Gauge "users" must take its value from a function, got 5.'),
    );
  });
});
