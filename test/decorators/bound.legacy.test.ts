import { expect, test } from '@jest/globals';
import { ConfigError, Counted, Timed } from 'promark';
import { freshRegistry } from './support/fresh.js';
import { calls } from './support/page.js';

freshRegistry();

/** As in autobind-decorator and core-decorators: the method becomes a getter of its bound copy. */
function boundMethod(_target: object, key: PropertyKey, { value }: PropertyDescriptor): PropertyDescriptor {
  return {
    configurable: true,
    get(this: object): unknown {
      const bound = value.bind(this);
      Object.defineProperty(this, key, { value: bound, configurable: true, writable: true });
      return bound;
    },
  };
}

test('@boundMethod above the decorators binds the instrumented method', async () => {
  class Shop {
    readonly name = 'corner';

    @boundMethod
    @Timed()
    @Counted()
    order(): string {
      return this.name;
    }
  }
  const { order } = new Shop();
  expect(order()).toBe('corner');
  expect(await calls('order')).toEqual({ ok: 1 });
});

test('@boundMethod below a decorator is an error that says which order works', () => {
  expect(() => {
    class Shop {
      @Timed()
      @boundMethod
      order(): void {}
    }
    return Shop;
  }).toThrow(
    new ConfigError(
      '@Timed() applies to methods, but the decorator below it has made a getter of "Shop.order". Put @Timed() below that ' +
        'decorator.',
    ),
  );
});
