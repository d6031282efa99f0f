import { describe, expect, jest, test } from '@jest/globals';
import { boundClass, boundMethod } from 'autobind-decorator';
import { autobind as coreAutobind } from 'core-decorators';
import { ConfigError, Counted, Histogram, Instrumented, Registry, Timed } from 'promark';
import { freshRegistry } from './support/fresh.js';
import { calls } from './support/page.js';

freshRegistry();

const seconds = new Histogram({ name: 'order_seconds', help: 'o', registers: [] });

/** Each makes a getter of the method, which binds it. */
const packages: [string, any][] = [
  ['boundMethod of autobind-decorator', boundMethod],
  ['autobind of core-decorators', coreAutobind],
];

describe.each(packages)('%s', (_, bind) => {
  test('above the decorators binds the measured method', async () => {
    class Shop {
      readonly name = 'corner';

      @bind
      @Timed()
      @Counted()
      @seconds.time()
      order(): string {
        return this.name;
      }
    }
    const { order } = new Shop();
    expect(order()).toBe('corner');
    expect(new Shop().order()).toBe('corner');
    expect(await calls('order')).toEqual({ ok: 2 });
  });

  test.each<[string, () => any]>([
    ['Timed', () => Timed()],
    ['Counted', () => Counted()],
    ['order_seconds.time', () => seconds.time()],
  ])('below @%s() is an error that says which order works', (name, decorate) => {
    expect(() => {
      class Shop {
        @(decorate() as any)
        @bind
        order(): void {}
      }
      return Shop;
    }).toThrow(
      new ConfigError(
        `@${name}() applies to methods, but the decorator below it has made a getter of "Shop.order". Put @${name}() below ` +
          'that decorator.',
      ),
    );
  });
});

const classPackages: [string, any][] = [
  ['boundClass of autobind-decorator', boundClass],
  ['autobind of core-decorators', coreAutobind],
];

describe.each(classPackages)('%s on a class', (_, bind) => {
  test('binds measured methods', async () => {
    @bind
    class Shop {
      readonly name = 'corner';

      @Counted()
      order(): string {
        return this.name;
      }
    }
    const { order } = new Shop();
    expect(order()).toBe('corner');
    expect(await calls('order')).toEqual({ ok: 1 });
  });

  test('works above @Instrumented()', async () => {
    @bind
    @Instrumented({ counted: true })
    class Shop {
      readonly name = 'corner';

      order(): string {
        return this.name;
      }
    }
    const { order } = new Shop();
    expect(order()).toBe('corner');
    expect(await calls('order')).toEqual({ ok: 1 });
  });

  test('below @Instrumented() leaves no method to measure, which is logged', () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => {});
    @Instrumented({ registry: new Registry() })
    @bind
    class Shop {
      order(): void {}

      get size(): number {
        return 1;
      }
    }
    expect(new Shop().order()).toBeUndefined();
    expect(warn.mock.calls).toEqual([
      [
        expect.stringContaining(
          '@Instrumented() on Shop does not measure order, because a decorator below it has made a getter',
        ),
      ],
    ]);
    warn.mockRestore();
  });
});

test('@boundMethod on a method is logged by @Instrumented() on its class, unless the method has a decorator of its own', async () => {
  const warn = jest.spyOn(console, 'warn').mockImplementation(() => {});
  @Instrumented()
  class Kiosk {
    @boundMethod
    sell(): void {}

    @boundMethod
    @Counted()
    buy(): void {}
  }
  new Kiosk().sell();
  new Kiosk().buy();
  expect(await calls('buy')).toEqual({ ok: 1 });
  expect(warn.mock.calls).toEqual([[expect.stringContaining('@Instrumented() on Kiosk does not measure sell')]]);
  warn.mockRestore();
});
