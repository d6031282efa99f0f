import { expect, test } from '@jest/globals';
import {
  Counted,
  Counter,
  Histogram,
  InProgress,
  Instrumented,
  instrumentedMethods,
  Registry,
  register,
  Skip,
  Timed,
} from 'promark';
import { sampleValue } from 'promark/testing';
import { seriesOf } from '../support/page.js';
import { freshRegistry } from './support/fresh.js';
import { calls } from './support/page.js';

freshRegistry();

const decoratorsOf = (target: any) =>
  instrumentedMethods(target).map(
    ({ class: name, method, decorators }) => `${name}.${method}: ${decorators.join(' ')}`,
  );

test('decorates the class’s own methods, static ones included, and nothing else', async () => {
  const symbol = Symbol('tag');
  class Base {
    inherited(): void {}
  }
  @Instrumented()
  class Shop extends Base {
    static Inner = class {};
    static arrow = () => 1;

    constructor(readonly name = 'shop') {
      super();
    }

    get trap(): never {
      throw new Error('a getter was read');
    }

    order(): string {
      return this.name;
    }

    [symbol](): void {}

    static open(): string {
      return 'open';
    }

    @Skip()
    health(): void {}
  }
  const shop = new Shop();
  expect(shop.order()).toBe('shop');
  expect(Shop.open()).toBe('open');
  shop.inherited();
  expect(decoratorsOf(Shop)).toEqual(['Shop.order: Timed', 'Shop.[tag]: Timed', 'Shop.open: Timed']);
  expect(new Shop.Inner()).toBeInstanceOf(Shop.Inner);
  expect(
    await sampleValue(register, 'method_duration_seconds_count', { class: 'Shop', method: 'order', result: 'ok' }),
  ).toBe(1);
});

test('applies the chosen decorators, unless a method has one itself', async () => {
  const seconds = new Histogram({ name: 'order_seconds', help: 'o' });
  @Instrumented({ counted: true, inProgress: true, exceptions: true })
  class Shop {
    @Timed(seconds)
    order(): void {}

    @Counted({ name: 'own_total' })
    @InProgress()
    cancel(): void {}
  }
  const shop = new Shop();
  shop.order();
  shop.cancel();
  expect(decoratorsOf(Shop)).toEqual([
    'Shop.order: CountExceptions InProgress Counted Timed',
    'Shop.cancel: CountExceptions Timed Counted InProgress',
  ]);
  expect(await sampleValue(register, 'order_seconds_count')).toBe(1);
  expect(await sampleValue(register, 'own_total', { result: 'ok' })).toBe(1);
  expect(await calls('cancel')).toEqual({});
  expect((await seriesOf('method_duration_seconds_count')).filter(({ labels }) => labels.method === 'order')).toEqual(
    [],
  );
});

test('takes a metric or options for each kind of measurement', async () => {
  const counter = new Counter({ name: 'shop_total', help: 's', labelNames: ['method'] });
  @Instrumented({ timed: { name: 'shop_seconds', labels: { n: (...args) => args.length } }, counted: counter })
  class Shop {
    order(_a: number, _b: number): void {}
  }
  new Shop().order(1, 2);
  expect(await sampleValue(register, 'shop_seconds_count', { result: 'ok', n: '2' })).toBe(1);
  expect(await sampleValue(register, 'shop_total', { method: 'order' })).toBe(1);
});

test('can exclude methods by name, and timing altogether', () => {
  @Instrumented({ timed: false, counted: true, only: (method) => method !== 'internal' })
  class Shop {
    order(): void {}
    internal(): void {}
  }
  expect(decoratorsOf(Shop)).toEqual(['Shop.order: Counted']);
});

test('applies its class name and registry to all methods, those with their own decorators included', async () => {
  const registry = new Registry();
  @Instrumented({ class: 'Shop', registry, timed: false, counted: true })
  class S {
    @InProgress()
    order(): void {}
  }
  new S().order();
  expect(
    await sampleValue(registry, 'method_calls_total', {
      class: 'Shop',
      method: 'order',
      result: 'ok',
      exception: 'none',
    }),
  ).toBe(1);
  expect(await seriesOf('method_inprogress', registry)).toEqual([
    { labels: { class: 'Shop', method: 'order' }, value: 0 },
  ]);
  expect(register.manifest()).toEqual([]);
});

test('attributes overrides and super calls to the class that declares them', async () => {
  @Instrumented({ timed: false, counted: true })
  class Base {
    greet(): string {
      return 'hello';
    }
  }
  @Instrumented({ timed: false, counted: true })
  class Derived extends Base {
    override greet(): string {
      return `${super.greet()} there`;
    }
  }
  expect(new Derived().greet()).toBe('hello there');
  expect(await calls('greet')).toEqual({ ok: 2 });
  expect((await seriesOf('method_calls_total')).map(({ labels, value }) => `${labels.class} ${value}`)).toEqual([
    'Base 1',
    'Derived 1',
  ]);
});

test('returns the same class object', () => {
  const seen: unknown[] = [];
  const note = (...on: any[]): void => void seen.push(on[0]);
  @note
  @Instrumented()
  class Shop {
    order(): void {}
  }
  expect(seen[0]).toBe(Shop);
});

test('refuses options that are not an object', () => {
  expect(() => Instrumented('Shop' as never)).toThrow('@Instrumented(): options must be an object, got "Shop"');
});
