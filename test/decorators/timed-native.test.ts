import { expect, test } from '@jest/globals';
import { Registry, Timed } from 'promark';

test('@Timed passes the native option on to its histogram', async () => {
  const registry = new Registry();
  class Shop {
    @Timed({ name: 'order_seconds', help: 'Orders', native: { schema: 5 }, buckets: false, registry })
    order(): string {
      return 'done';
    }
  }
  expect(new Shop().order()).toBe('done');
  const [family] = await registry.gather();
  const done = family?.samples.find(({ labels, native }) => labels.result === 'ok' && native !== undefined);
  expect(done?.native).toMatchObject({ schema: 5, count: 1 });
});
