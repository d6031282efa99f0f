import { describe, expect, test } from '@jest/globals';
import { Counted, InProgress, register, Timed } from 'promark';
import { sampleValue } from 'promark/testing';
import { seriesOf } from '../support/page.js';
import { freshRegistry } from './support/fresh.js';
import { calls } from './support/page.js';

freshRegistry();

const symbol = Symbol('secret');

class Base {
  tag = 'base';

  @Timed()
  @Counted()
  describe(this: Base, first: string, second = 'x'): string {
    return `${this.tag} ${first} ${second}`;
  }

  @Counted()
  static make(this: typeof Base, tag: string): Base {
    const made = new Base();
    // biome-ignore lint/complexity/noThisInStatic: that it is passed on is what is tested
    made.tag = `${this.name} ${tag}`;
    return made;
  }

  @Counted()
  [symbol](): number {
    return 42;
  }

  @Counted()
  self(): unknown {
    return this;
  }

  @Counted()
  @InProgress()
  countdown(from: number): number {
    return from === 0 ? 0 : 1 + this.countdown(from - 1);
  }

  @Counted()
  greet(): string {
    return 'hello';
  }
}

class Derived extends Base {
  @Counted()
  override greet(): string {
    return `${super.greet()} there`;
  }
}

class Heir extends Base {}

const classOf = async (method: string) => {
  return (await seriesOf('method_calls_total'))
    .filter(({ labels, value }) => labels.method === method && value > 0)
    .map(({ labels, value }) => `${labels.class} ${value}`);
};

describe('an instrumented method', () => {
  test('receives `this` and all its arguments', () => {
    expect(new Base().describe('a')).toBe('base a x');
    expect(new Base().describe('a', 'b')).toBe('base a b');
    expect((new Base().describe as (...args: string[]) => string).apply({ tag: 'else' }, ['a', 'b', 'c'])).toBe(
      'else a b',
    );
  });

  test('keeps its name and length', () => {
    expect(Base.prototype.describe.name).toBe('describe');
    expect(Base.prototype.describe).toHaveLength(1);
    expect(Base.make.name).toBe('make');
    expect(Base.prototype[symbol].name).toBe('[secret]');
  });

  test('keeps its property descriptor', () => {
    expect(Object.getOwnPropertyDescriptor(Base.prototype, 'describe')).toMatchObject({
      configurable: true,
      enumerable: false,
      writable: true,
    });
    expect(Object.keys(Base.prototype)).toEqual([]);
  });

  test('cannot be constructed, like any method', () => {
    const Method = Base.prototype.greet as unknown as new () => unknown;
    expect(() => new Method()).toThrow(TypeError);
    expect(Object.hasOwn(Base.prototype.greet, 'prototype')).toBe(false);
  });

  test('keeps its kind, by which `async` and MobX know what to do with it', async () => {
    const plain = {
      async promise() {},
      *generator() {},
      async *asyncGenerator() {},
    };
    class Subject {
      @Timed()
      @Counted()
      async promise() {}

      @Timed()
      *generator() {}

      @Timed()
      async *asyncGenerator() {}
    }
    for (const kind of ['promise', 'generator', 'asyncGenerator'] as const) {
      const method = Subject.prototype[kind] as object;
      expect(Object.getPrototypeOf(method)).toBe(Object.getPrototypeOf(plain[kind]));
      expect(String(method.constructor.name)).toBe(plain[kind].constructor.name);
    }
    await new Subject().promise();
    expect(await calls('promise')).toEqual({ ok: 1 });
  });

  test('keeps the properties that other decorators gave it', () => {
    const key = Symbol('key');
    const tag = (...on: any[]): any => {
      const method = typeof on[1] === 'object' ? on[0] : on[2].value;
      Object.defineProperty(method, key, { value: 1, enumerable: false });
      method.visible = { deep: true };
    };
    class Subject {
      @Timed()
      @Counted()
      @tag
      run(): void {}
    }
    expect((Subject.prototype.run as { visible?: unknown }).visible).toEqual({ deep: true });
    expect(Object.getOwnPropertyDescriptor(Subject.prototype.run, key)).toMatchObject({ value: 1, enumerable: false });
  });

  test('can be called detached', async () => {
    const { self } = new Base();
    expect(self()).toBe(undefined);
    new Base().self();
    expect((await classOf('self')).at(-1)).toMatch(/^Base [12]$/);
    expect(await calls('self')).toEqual({ ok: 2 });
  });

  test('may be static', async () => {
    expect(Base.make('x').tag).toBe('Base x');
    expect(Derived.make('y').tag).toBe('Derived y');
    expect(await classOf('make')).toEqual(['Base 2']);
  });

  test('may have a symbol as its key', async () => {
    expect(new Base()[symbol]()).toBe(42);
    expect(await classOf('[secret]')).toEqual(['Base 1']);
  });

  test('may be copied onto an instance, as when it is bound', async () => {
    const base = new Base();
    base.greet = base.greet.bind(base);
    expect(base.greet()).toBe('hello');
    expect(await classOf('greet')).toEqual(['Base 1']);
  });

  test('may call itself', async () => {
    expect(new Base().countdown(5)).toBe(5);
    expect(await calls('countdown')).toEqual({ ok: 6 });
    expect(await sampleValue(register, 'method_inprogress', { class: 'Base', method: 'countdown' })).toBe(0);
  });
});

describe('inheritance', () => {
  test('an inherited method is attributed to the class that declares it', async () => {
    expect(new Heir().greet()).toBe('hello');
    expect(await classOf('greet')).toEqual(['Base 1']);
  });

  test('an override and the super method it calls are each attributed to their own class', async () => {
    expect(new Derived().greet()).toBe('hello there');
    expect((await classOf('greet')).sort()).toEqual(['Base 1', 'Derived 1']);
  });

  test('an override without decorators is not recorded', async () => {
    class Silent extends Base {
      override greet(): string {
        return 'hush';
      }
    }
    expect(new Silent().greet()).toBe('hush');
    expect(await classOf('greet')).toEqual([]);
  });
});

describe('stacking', () => {
  test('the same decorator twice, with different families, records in both', async () => {
    class Subject {
      @Counted({ name: 'first_total' })
      @Counted({ name: 'second_total' })
      @Timed()
      run(): void {}
    }
    new Subject().run();
    expect(await sampleValue(register, 'first_total', { result: 'ok' })).toBe(1);
    expect(await sampleValue(register, 'second_total', { result: 'ok' })).toBe(1);
    expect(
      await sampleValue(register, 'method_duration_seconds_count', { class: 'Subject', method: 'run', result: 'ok' }),
    ).toBe(1);
  });

  test('other decorators may be between, above and below', async () => {
    const shout = (...on: any[]): any => {
      const wrap = (body: (...args: unknown[]) => unknown) =>
        function (this: unknown, ...args: unknown[]) {
          return `${String(body.apply(this, args))}!`;
        };
      return typeof on[1] === 'object' ? wrap(on[0]) : { ...on[2], value: wrap(on[2].value) };
    };
    class Loud {
      @shout
      @Counted()
      @shout
      @Timed()
      @shout
      say(text: string): string {
        return text;
      }
    }
    expect(new Loud().say('hi')).toBe('hi!!!');
    expect(
      await sampleValue(register, 'method_calls_total', {
        class: 'Loud',
        method: 'say',
        result: 'ok',
        exception: 'none',
      }),
    ).toBe(1);
    expect(
      await sampleValue(register, 'method_duration_seconds_count', { class: 'Loud', method: 'say', result: 'ok' }),
    ).toBe(1);
  });
});

test('names that a minifier shortens can be set explicitly', async () => {
  class t {
    @Counted({ class: 'Shop', method: 'order' })
    a(): void {}
  }
  new t().a();
  expect(await seriesOf('method_calls_total')).toEqual([
    { labels: { class: 'Shop', method: 'order', result: 'ok', exception: 'none' }, value: 1 },
  ]);
});

test('a class without a usable name has no class label', async () => {
  class Nameless {
    static readonly name = 5 as never;

    @Counted()
    run(): void {}
  }
  new Nameless().run();
  expect((await seriesOf('method_calls_total'))[0].labels).not.toHaveProperty('class');
});
