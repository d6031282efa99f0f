import { expect, test } from '@jest/globals';
import { Counted } from 'promark';
import { freshRegistry } from './support/fresh.js';
import { calls } from './support/page.js';

freshRegistry();

/** In the standard dialect, the method stays one, and each instance gets a bound copy. */
function boundMethod(_value: unknown, { name, addInitializer }: ClassMethodDecoratorContext): void {
  addInitializer(function (this: unknown) {
    const self = this as Record<PropertyKey, (...args: unknown[]) => unknown>;
    self[name] = self[name].bind(self);
  });
}

test('@boundMethod binds the instrumented method, above and below the decorators', async () => {
  class Shop {
    readonly name = 'corner';

    @boundMethod
    @Counted()
    order(): string {
      return this.name;
    }

    @Counted()
    @boundMethod
    cancel(): string {
      return this.name;
    }
  }
  const { order, cancel } = new Shop();
  expect([order(), cancel()]).toEqual(['corner', 'corner']);
  expect(await calls('order')).toEqual({ ok: 1 });
  expect(await calls('cancel')).toEqual({ ok: 1 });
});
