import { describe, expect, test } from '@jest/globals';
import { bindRegistry, Counted, InProgress, Registry, register, Timed } from 'promark';
import { sampleValue } from 'promark/testing';
import { seriesOf } from '../support/page.js';
import { freshRegistry } from './support/fresh.js';
import { calls, faults } from './support/page.js';

freshRegistry();

const classesOf = async (method: string, name = 'method_calls_total') =>
  (await seriesOf(name))
    .filter(({ labels, value }) => (labels.method ?? method) === method && value > 0)
    .map(({ labels, value }) => `${labels.class} ${value}`)
    .sort();

describe('the class label', () => {
  test('of a method that was copied onto another prototype is that of the new class', async () => {
    class Base {
      @Counted()
      copied(): void {}

      @Counted()
      static made(): void {}
    }
    class Other {}
    Object.defineProperty(Other.prototype, 'copied', {
      ...Object.getOwnPropertyDescriptor(Base.prototype, 'copied'),
    });
    Object.assign(Other, { made: Base.made });
    await Promise.resolve();
    const other = new Other() as Base;
    new Base().copied();
    other.copied();
    new Base().copied();
    other.copied();
    Base.made();
    (Other as typeof Base).made();
    expect(await classesOf('copied')).toEqual(['Base 2', 'Other 2']);
    expect(await classesOf('made')).toEqual(['Base 1', 'Other 1']);
  });

  test("is that of the instance with class: 'runtime', for up to 100 classes", async () => {
    abstract class Crud {
      @Counted({ class: 'runtime' })
      find(): void {}

      @Timed({ name: 'crud_seconds', class: 'runtime', labels: { kind: 'x' } })
      save(): void {}

      @Counted({ class: 'runtime' })
      static open(): void {}
    }
    class Users extends Crud {}
    class Orders extends Crud {}
    new Users().find();
    new Orders().find();
    new Orders().find();
    new Orders().save();
    Orders.open();
    expect(await classesOf('find')).toEqual(['Orders 2', 'Users 1']);
    expect(await classesOf('open')).toEqual(['Orders 1']);
    expect(await sampleValue(register, 'crud_seconds_count', { result: 'ok', kind: 'x' })).toBe(1);
    for (let i = 0; i < 120; i++) {
      const Sub = class extends Crud {};
      Object.defineProperty(Sub, 'name', { value: `Sub${i}` });
      new Sub().find();
    }
    expect(await classesOf('find')).toContain('other 22');
  });
});

test('a family whose labels are known and do not include the class starts at 0 before the first instance', async () => {
  class Shop {
    @Counted({ name: 'orders_total' })
    order(): void {}

    @InProgress({ name: 'orders_running', labels: { shop: 'a' } })
    running(): void {}

    @Counted({ class: 'Named' })
    named(): void {}
  }
  expect(Shop.name).toBe('Shop');
  expect(await sampleValue(register, 'orders_total', { result: 'ok' })).toBe(0);
  expect(await sampleValue(register, 'orders_running', { shop: 'a' })).toBe(0);
  expect(
    await sampleValue(register, 'method_calls_total', {
      class: 'Named',
      method: 'named',
      result: 'ok',
      exception: 'none',
    }),
  ).toBe(0);
});

describe('an instance that is a proxy', () => {
  class Shop {
    @Counted()
    order(): number {
      return 1;
    }
  }

  test.each<[string, ProxyHandler<Shop>]>([
    ['answers to every property with a function', { get: (target, key) => Reflect.get(target, key) ?? (() => 'mock') }],
    ['answers to every property with an object', { get: (target, key) => Reflect.get(target, key) ?? {} }],
    ['answers to every property with a string', { get: (target, key) => Reflect.get(target, key) ?? 'mock' }],
    ['looks like a registry', { get: (target, key) => Reflect.get(target, key) ?? { getOrCreate() {}, faults: {} } }],
    [
      'throws at symbols',
      {
        get(target, key) {
          if (typeof key === 'symbol') throw new Error('no symbols');
          return Reflect.get(target, key);
        },
      },
    ],
    [
      'hides its prototype',
      {
        getPrototypeOf() {
          throw new Error('no prototype');
        },
      },
    ],
    ['has ever new prototypes', { getPrototypeOf: () => new Proxy({}, { getPrototypeOf: () => ({}) }) }],
  ])('that %s does not lose calls', async (_what, handler) => {
    new Shop();
    const shop = new Proxy(new Shop(), handler);
    expect(Shop.prototype.order.call(shop)).toBe(1);
    expect(Shop.prototype.order.call(shop)).toBe(1);
    expect(await calls('order')).toEqual({ ok: 2 });
    expect(await faults()).toBe(0);
  });

  test('can be bound to a registry even if it refuses properties', async () => {
    const registry = new Registry();
    const shop = new Proxy(new Shop(), { defineProperty: () => false });
    bindRegistry(shop, registry);
    shop.order();
    expect(await calls('order', registry)).toEqual({ ok: 1 });
  });
});
