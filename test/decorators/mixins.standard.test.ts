import { expect, test } from '@jest/globals';
import { Counted } from 'promark';
import { seriesOf } from '../support/page.js';
import { freshRegistry } from './support/fresh.js';

freshRegistry();

// The other dialect has no decorators in class expressions.
test('the class label of an anonymous mixin is that of the class that uses it', async () => {
  const Countable = (Base: new () => object) =>
    class extends Base {
      @Counted()
      mixed(): void {}
    };
  class Shop extends Countable(Object) {}
  class Sub extends Shop {}
  new Sub().mixed();
  new Shop().mixed();
  const series = (await seriesOf('method_calls_total')).filter(({ value }) => value > 0);
  expect(series.map(({ labels, value }) => `${labels.class} ${value}`)).toEqual(['Shop 2']);
});
