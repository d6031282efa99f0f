import { expect, test } from '@jest/globals';
import { ConfigError, Counter, Registry, StateSet } from 'promark';

test('precedes every name, from when it is set', async () => {
  const registry = new Registry();
  new Counter({ name: 'orders_total', help: 'Orders', registers: [registry] }).inc();
  expect(await registry.metrics()).toContain('\norders_total 1\n');
  registry.setPrefix('shop_');
  expect(await registry.metrics()).toBe(
    '# HELP shop_orders_total Orders\n# TYPE shop_orders_total counter\nshop_orders_total 1\n',
  );
  registry.setPrefix('');
  expect(await registry.metrics()).toContain('\norders_total 1\n');
});

test('precedes the label of a state set, on the page and in what gather() gives', async () => {
  const registry = new Registry({ prefix: 'shop_' });
  new StateSet({ name: 'mode', help: 'Mode', states: ['open', 'closed'], registers: [registry] });
  expect(await registry.metrics()).toContain('\nshop_mode{shop_mode="open"} 1\n');
  const [{ samples }] = await registry.gather();
  expect(samples.map(({ labels }) => labels)).toEqual([{ shop_mode: 'open' }, { shop_mode: 'closed' }]);
});

test('must be a string', () => {
  const registry = new Registry();
  expect(() => registry.setPrefix(1 as never)).toThrow(ConfigError);
  expect(() => new Registry({ prefix: {} as never })).toThrow(ConfigError);
});
