import { describe, expect, test } from '@jest/globals';
import { ConfigError, Counted, InProgress, register, Timed } from 'promark';
import { sampleValue } from 'promark/testing';
import { seriesOf } from '../support/page.js';
import { freshRegistry, warnings } from './support/fresh.js';
import { faults } from './support/page.js';

freshRegistry();

const series = async (name: string) =>
  (await seriesOf(name)).filter(({ value }) => value > 0).map(({ labels, value }) => ({ ...labels, value }));

describe('sources', () => {
  test('may be constants, functions of the arguments, and functions of the call', async () => {
    class Shop {
      region = 'eu';

      @Counted({
        name: 'orders_total',
        labels: {
          app: 'web',
          version: 2,
          tier: (tier) => tier,
          count: (...args) => args.length,
          region() {
            return this.region;
          },
          outcome: { of: (call) => call.result ?? (call.error as Error).message },
          first: { of: (call) => call.args[0] + call.self.region },
        },
      })
      order(_tier: string, fail = false): number {
        if (fail) throw new Error('sold out');
        return 7;
      }
    }
    const shop = new Shop();
    shop.order('gold');
    expect(() => shop.order('tin', true)).toThrow('sold out');
    const fixed = { app: 'web', version: '2', region: 'eu', value: 1 };
    expect(await series('orders_total')).toEqual([
      { ...fixed, tier: 'gold', count: '1', outcome: '7', first: 'goldeu', result: 'ok' },
      { ...fixed, tier: 'tin', count: '2', outcome: 'sold out', first: 'tineu', result: 'error' },
    ]);
  });

  test('read the arguments before the body may change them', async () => {
    class Shop {
      @Counted({ name: 'orders_total', labels: { state: (order) => order.state } })
      async order(order: { state: string }): Promise<void> {
        order.state = 'paid';
      }
    }
    await new Shop().order({ state: 'new' });
    expect(await series('orders_total')).toEqual([{ state: 'new', result: 'ok', value: 1 }]);
  });

  test('see the settled result of a promise, and what a generator returns', async () => {
    class Shop {
      @Counted({ name: 'a_total', labels: { size: { of: (call) => call.result?.length } } })
      async list(): Promise<string[]> {
        return ['a', 'b'];
      }

      @Counted({ name: 'b_total', labels: { size: { of: (call) => call.result?.length } } })
      *stream(): Generator<number, string[]> {
        yield 1;
        return ['a'];
      }
    }
    const shop = new Shop();
    await shop.list();
    expect([...shop.stream()]).toEqual([1]);
    expect(await series('a_total')).toEqual([{ size: '2', result: 'ok', value: 1 }]);
    expect(await series('b_total')).toEqual([{ size: '1', result: 'ok', value: 1 }]);
  });

  test('of @InProgress are read when the call begins', async () => {
    class Shop {
      @InProgress({ name: 'orders', labels: { a: (order) => order.a, b: { of: ({ args }) => args[0].b } } })
      async order(order: { a: string; b: string }): Promise<void> {
        order.a = order.b = 'changed';
        expect(await series('orders')).toEqual([{ a: '1', b: '2', value: 1 }]);
      }
    }
    await new Shop().order({ a: '1', b: '2' });
    expect(await series('orders')).toEqual([]);
  });

  test.each<[unknown]>([
    [{}],
    [[1]],
    [Symbol('x')],
    [{ of: 5 }],
    [{ of: () => 'x', max: 0 }],
    [{ of: () => 'x', values: 'ab' }],
  ])('of an unknown kind are refused when the class is defined: %p', (source) => {
    expect(() => {
      class Subject {
        @Counted({ name: 'x_total', labels: { a: source as never } })
        run(): void {}
      }
      return Subject;
    }).toThrow(ConfigError);
  });
});

describe('a label function', () => {
  test('that throws changes nothing for the caller, leaves the label empty and is counted', async () => {
    class Thrower {
      @Timed({
        name: 'x_seconds',
        labels: {
          a: (): string => {
            throw new Error('oops');
          },
        },
      })
      @Counted({
        name: 'x_total',
        labels: {
          a: {
            of: (): string => {
              throw new Error('oops');
            },
          },
        },
      })
      run(): number {
        return 1;
      }
    }
    const subject = new Thrower();
    for (let i = 0; i < 3; i++) expect(subject.run()).toBe(1);
    expect(await sampleValue(register, 'x_total', { result: 'ok' })).toBe(3);
    expect(await sampleValue(register, 'x_seconds_count', { result: 'ok' })).toBe(3);
    expect(await faults()).toBe(6);
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toContain('oops');
    expect(warnings.join('\n')).toMatch(/@Counted\(\) on Thrower\.run/);
  });

  test.each([
    ['nothing', undefined, {}],
    ['null', null, {}],
    ['an empty string', '', {}],
    ['a number', 1.5, { a: '1.5' }],
    ['a boolean', false, { a: 'false' }],
    ['a string with quotes and line breaks', 'a"b\\c\n{}=,', { a: 'a"b\\c\n{}=,' }],
    ['the name of an inherited property', '__proto__', { a: '__proto__' }],
    ['half a surrogate pair', 'x\ud800', { a: 'x\ufffd' }],
  ])('may return %s', async (_what, value, labels) => {
    class Subject {
      @Counted({ name: 'x_total', labels: { a: () => value } })
      run(): void {}
    }
    new Subject().run();
    new Subject().run();
    expect(await series('x_total')).toEqual([{ ...labels, result: 'ok', value: 2 }]);
    expect(await faults()).toBe(0);
  });

  test('that returns an object leaves the label empty and is counted', async () => {
    class Subject {
      @Counted({ name: 'x_total', labels: { a: () => ({}) as never } })
      run(): void {}
    }
    new Subject().run();
    expect(await series('x_total')).toEqual([{ result: 'ok', value: 1 }]);
    expect(await faults()).toBe(1);
  });
});

describe('the number of values of a label', () => {
  test('is limited to a hundred; further ones become "other", with one warning', async () => {
    class Spender {
      @Counted({ name: 'x_total', labels: { id: (id: number) => id } })
      run(_id: number): void {}
    }
    const subject = new Spender();
    for (let i = 0; i < 120; i++) subject.run(i);
    for (let i = 0; i < 120; i++) subject.run(i);
    const seen = await series('x_total');
    expect(seen).toHaveLength(101);
    expect(seen.find(({ id }: Record<string, unknown>) => id === 'other')?.value).toBe(40);
    expect(await faults()).toBe(40);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('label "id" has reached its limit of 100 values');
  });

  test('may be set, and the values may be listed', async () => {
    class Subject {
      @Counted({
        name: 'x_total',
        labels: {
          a: { of: (call) => call.args[0], max: 2 },
          b: { of: (call) => call.args[1], values: ['x', 'y'] },
        },
      })
      run(_a: string, _b: string): void {}
    }
    const subject = new Subject();
    subject.run('1', 'x');
    subject.run('2', 'z');
    subject.run('3', 'y');
    expect((await series('x_total')).map((one: Record<string, unknown>) => `${one.a} ${one.b}`)).toEqual([
      '1 x',
      '2 other',
      'other y',
    ]);
    expect(await faults()).toBe(1);
  });

  test('does not lift the limit of a full family', async () => {
    class Subject {
      @Counted({ name: 'x_total', maxSeries: 3, labels: { id: (id: number) => id } })
      run(id: number): number {
        return id;
      }
    }
    const subject = new Subject();
    for (let i = 0; i < 10; i++) expect(subject.run(i)).toBe(i);
    expect(await seriesOf('x_total')).toHaveLength(4);
    expect(await sampleValue(register, 'promark_overflow_total', { family: 'x_total' })).toBe(7);
  });
});

describe('classify', () => {
  test('overrides the result of a call', async () => {
    class NotFound extends Error {}
    class Subject {
      @Counted({
        name: 'x_total',
        exception: true,
        classify: ({ error, result }) => {
          if (error instanceof NotFound) return 'ok';
          return result === 'bad' ? 'error' : undefined;
        },
      })
      async run(outcome: string): Promise<string> {
        if (outcome === 'missing') throw Object.assign(new NotFound('x'), { name: 'NotFound' });
        if (outcome === 'broken') throw new TypeError('x');
        return outcome;
      }
    }
    const subject = new Subject();
    await subject.run('good');
    await subject.run('bad');
    await expect(subject.run('missing')).rejects.toBeInstanceOf(NotFound);
    await expect(subject.run('broken')).rejects.toBeInstanceOf(TypeError);
    expect((await series('x_total')).map((one: Record<string, unknown>) => `${one.result} ${one.exception}`)).toEqual([
      'ok none',
      'error none',
      'ok NotFound',
      'error TypeError',
    ]);
  });

  test('that throws is ignored and counted', async () => {
    class Subject {
      @Counted({
        name: 'x_total',
        classify: () => {
          throw new Error('oops');
        },
      })
      run(): number {
        return 1;
      }
    }
    expect(new Subject().run()).toBe(1);
    expect(await series('x_total')).toEqual([{ result: 'ok', value: 1 }]);
    expect(await faults()).toBe(1);
  });
});
