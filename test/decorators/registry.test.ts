import { describe, expect, test } from '@jest/globals';
import {
  bindRegistry,
  ConfigError,
  Counted,
  Counter,
  InProgress,
  instrumentedMethods,
  Registry,
  register,
  Timed,
} from 'promark';
import { sampleValue } from 'promark/testing';
import { seriesOf } from '../support/page.js';
import { freshRegistry } from './support/fresh.js';
import { calls, faults } from './support/page.js';

freshRegistry();

const quiet = () => new Registry({ logger: { warn: () => {} } });

describe('the registry of a call', () => {
  class Shop {
    @Counted()
    order(): void {}

    @Counted()
    static open(): void {}
  }

  test('is the default one', async () => {
    new Shop().order();
    expect(await calls('order')).toEqual({ ok: 1 });
  });

  test('is that of the instance, so two apps can share one class', async () => {
    const [a, b] = [new Registry(), new Registry()];
    const [shopA, shopB] = [new Shop(), new Shop()];
    bindRegistry(shopA, a);
    bindRegistry(shopB, b);
    shopA.order();
    shopB.order();
    shopB.order();
    new Shop().order();
    expect(await calls('order', a)).toEqual({ ok: 1 });
    expect(await calls('order', b)).toEqual({ ok: 2 });
    expect(await calls('order')).toEqual({ ok: 1 });
  });

  test('may be that of a frozen instance', async () => {
    const registry = new Registry();
    const shop = Object.freeze(new Shop());
    bindRegistry(shop, registry);
    shop.order();
    new Shop().order();
    expect(await calls('order', registry)).toEqual({ ok: 1 });
    bindRegistry(shop, undefined);
    shop.order();
    expect(await calls('order', registry)).toEqual({ ok: 1 });
  });

  test('is hidden from enumeration', () => {
    const shop = new Shop();
    bindRegistry(shop, new Registry());
    expect(Object.keys(shop)).toEqual([]);
    expect({ ...shop }).toEqual({});
    expect(JSON.stringify(shop)).toBe('{}');
  });

  test('is that of the class if the instance has none; a subclass may have another', async () => {
    class Base {
      @Counted()
      order(): void {}

      @Counted()
      static open(): void {}
    }
    class Sub extends Base {}
    const [base, sub] = [new Registry(), new Registry()];
    bindRegistry(Base, base);
    new Base().order();
    new Sub().order();
    Base.open();
    bindRegistry(Sub, sub);
    new Sub().order();
    Sub.open();
    expect(await calls('order', base)).toEqual({ ok: 2 });
    expect(await calls('open', base)).toEqual({ ok: 1 });
    expect(await calls('order', sub)).toEqual({ ok: 1 });
    expect(await calls('open', sub)).toEqual({ ok: 1 });
    bindRegistry(Base, undefined);
    new Base().order();
    expect(await calls('order')).toEqual({ ok: 1 });
  });

  test('is the one that the decorator names, regardless of what is bound', async () => {
    const [explicit, bound] = [new Registry(), new Registry()];
    class Subject {
      @Counted({ registry: explicit })
      run(): void {}
    }
    const subject = new Subject();
    bindRegistry(subject, bound);
    subject.run();
    expect(await calls('run', explicit)).toEqual({ ok: 1 });
    expect(bound.getMetricsAsArray()).toEqual([]);
  });

  test('cannot be bound to something that is not an object', () => {
    expect(() => bindRegistry(undefined as never, register)).toThrow(ConfigError);
    expect(() => bindRegistry('Shop' as never, register)).toThrow(ConfigError);
  });
});

describe('between entry and exit', () => {
  class Subject {
    @InProgress()
    @Counted()
    @Timed()
    run(during: () => void): void {
      during();
    }
  }

  test('a registry that is bound during the call records nothing of it', async () => {
    const [before, after] = [new Registry(), new Registry()];
    const subject = new Subject();
    bindRegistry(subject, before);
    subject.run(() => bindRegistry(subject, after));
    expect(await calls('run', before)).toEqual({ ok: 1 });
    expect(await calls('run', after)).toEqual({});
    const labels = { class: 'Subject', method: 'run' };
    expect(await sampleValue(before, 'method_inprogress', labels)).toBe(0);
    expect(await sampleValue(after, 'method_inprogress', labels)).toBe(0);
  });

  test('a registry that was cleared records again from the next call on', async () => {
    const subject = new Subject();
    subject.run(() => register.clear());
    expect(await seriesOf('method_inprogress')).toEqual([]);
    subject.run(() => {});
    expect(await calls('run')).toEqual({ ok: 1 });
    expect(await sampleValue(register, 'method_inprogress', { class: 'Subject', method: 'run' })).toBe(0);
    expect(await faults()).toBe(0);
  });

  test('a series that was removed reappears', async () => {
    const subject = new Subject();
    subject.run(() => register.removeMatching({ class: 'Subject' }));
    subject.run(() => {});
    expect((await calls('run')).ok).toBeGreaterThanOrEqual(1);
    expect(await sampleValue(register, 'method_inprogress', { class: 'Subject', method: 'run' })).toBe(0);
  });

  test('a family that was removed is created again', async () => {
    const subject = new Subject();
    subject.run(() => {});
    register.removeSingleMetric('method_calls_total');
    subject.run(() => {});
    expect(await calls('run')).toEqual({ ok: 1 });
  });
});

describe('a registry that cannot take a family', () => {
  class Subject {
    @Counted()
    @Timed()
    run(value: number): number {
      return value;
    }
  }

  test('changes nothing for the caller, and counts each call', async () => {
    const registry = quiet();
    new Counter({ name: 'method_calls_total', help: 'mine', registers: [registry] });
    const subject = new Subject();
    bindRegistry(subject, registry);
    const bound = await faults(registry);
    expect([subject.run(1), subject.run(2)]).toEqual([1, 2]);
    expect((await faults(registry)) - bound).toBe(2);
    expect(
      await sampleValue(registry, 'method_duration_seconds_count', {
        class: 'Subject',
        method: 'run',
        result: 'ok',
      }),
    ).toBe(2);
  });

  test('may be a proxy that throws on every access', () => {
    const broken = new Proxy(new Registry(), {
      get() {
        throw new Error('broken');
      },
    });
    const subject = new Subject();
    expect(() => bindRegistry(subject, broken)).not.toThrow();
    expect(subject.run(5)).toBe(5);
  });

  test('may belong to an instance that throws on every access', () => {
    const subject = new Proxy(new Subject(), {
      get(target, key) {
        if (typeof key === 'symbol') throw new Error('no symbols');
        return Reflect.get(target, key);
      },
    });
    expect(subject.run(6)).toBe(6);
  });
});

describe('initial zeros', () => {
  test('series that are known before any call start at 0', async () => {
    class Shop {
      @Timed()
      @Counted()
      @InProgress()
      order(): void {}

      @Counted({ name: 'opened_total' })
      static open(): void {}
    }
    // Standard decorators learn of the class with its first instance.
    new Shop();
    const labels = { class: 'Shop', method: 'order' };
    expect(await sampleValue(register, 'method_duration_seconds_count', { ...labels, result: 'ok' })).toBe(0);
    expect(await sampleValue(register, 'method_duration_seconds_count', { ...labels, result: 'error' })).toBe(0);
    expect(await sampleValue(register, 'method_calls_total', { ...labels, result: 'ok', exception: 'none' })).toBe(0);
    expect(await sampleValue(register, 'method_inprogress', labels)).toBe(0);
    expect(await sampleValue(register, 'opened_total', { result: 'ok' })).toBe(0);
    expect(await sampleValue(register, 'opened_total', { result: 'error' })).toBe(0);
  });

  test('series with labels that only a call determines do not exist yet', async () => {
    class Shop {
      @Counted({ name: 'orders_total', labels: { tier: (tier: string) => tier } })
      order(_tier: string): void {}
    }
    new Shop();
    expect(await seriesOf('orders_total')).toEqual([]);
  });

  test('move from the default registry to the one that a class or an instance is bound to', async () => {
    class Shop {
      @Counted()
      order(): void {}
    }
    const [forClass, forInstance] = [new Registry(), new Registry()];
    const labels = { class: 'Shop', method: 'order', result: 'ok', exception: 'none' };
    bindRegistry(Shop, forClass);
    expect(await sampleValue(forClass, 'method_calls_total', labels)).toBe(0);
    expect(register.getSingleMetric('method_calls_total')).toBe(undefined);
    bindRegistry(new Shop(), forInstance);
    expect(await sampleValue(forInstance, 'method_calls_total', labels)).toBe(0);
  });

  test('leave alone what was recorded before the class was bound', async () => {
    class Shop {
      @Counted()
      order(): void {}
    }
    new Shop().order();
    bindRegistry(Shop, new Registry());
    expect(await calls('order')).toEqual({ ok: 1 });
  });
});

test('the instrumented methods of a class can be listed, inherited and static ones included', () => {
  class Base {
    @Timed()
    @Counted()
    order(): void {}
  }
  class Shop extends Base {
    @InProgress({ method: 'opening' })
    static open(): void {}

    plain(): void {}

    get trap(): never {
      throw new Error('a getter was read');
    }
  }
  expect(instrumentedMethods(Shop)).toEqual([
    { class: 'Base', method: 'order', static: false, decorators: ['Timed', 'Counted'] },
    { class: 'Shop', method: 'opening', static: true, decorators: ['InProgress'] },
  ]);
});
