import { expect, test } from '@jest/globals';
import { Counted, Registry } from 'promark';

test('a decorator that is handed the class makes all outcomes with 0 when the class is defined', async () => {
  const registry = new Registry();
  class Shop {
    @Counted({ registry, objective: { target: 0.99 } })
    order(): void {}
  }
  expect(Shop.name).toBe('Shop');
  const page = await registry.metrics();
  for (const result of ['ok', 'error', 'cancelled']) {
    expect(page).toMatch(
      new RegExp(`^method_calls_total\\{class="Shop",method="order",result="${result}".*\\} 0$`, 'm'),
    );
  }
});
