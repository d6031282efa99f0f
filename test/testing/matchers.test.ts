import { expect as plain, test } from '@jest/globals';
import { Counter, Registry } from 'promark';
import { withSamples } from 'promark/testing/jest';
import { withSamples as withSamplesInVitest } from 'promark/testing/vitest';

const expect = withSamples(plain);

function orders(): Registry {
  const registry = new Registry();
  const counter = new Counter({ name: 'orders_total', help: 'Orders', labelNames: ['tier'], registers: [registry] });
  counter.inc({ tier: 'gold' });
  return registry;
}

const messageOf = (promise: Promise<unknown>) =>
  promise.then(
    () => '',
    (error: Error) => error.message,
  );

test('toHaveSample finds samples, with and without a value', async () => {
  await expect(orders()).toHaveSample('orders_total', { tier: 'gold' });
  await expect(orders()).toHaveSample('orders_total', { tier: 'gold' }, 1);
  await expect(orders()).not.toHaveSample('orders_total', { tier: 'silver' });
  await expect(orders()).not.toHaveSample('orders_total', { tier: 'gold' }, 2);
  expect(1).toBe(1);
});

test('toHaveSample lists the nearest samples', async () => {
  const message = await messageOf(expect(orders()).toHaveSample('orders_total', { teir: 'gold' }, 1));
  plain(message).toBe(
    'There is no sample orders_total{teir="gold"}.\nThe nearest samples:\n  orders_total{tier="gold"} 1',
  );
  const surplus = await messageOf(expect(orders()).not.toHaveSample('orders_total', { tier: 'gold' }));
  plain(surplus).toContain('orders_total with the labels {"tier":"gold"}, but found 1');
});

test('a source may be the text of a page, and a string keeps the matchers of the test runner', async () => {
  const text = await orders().metrics();
  await expect(text).toHaveSample('orders_total', { tier: 'gold' }, 1);
  expect(text).toContain('orders_total');
  expect(text).not.toContain('parcels_total');
  expect([]).toEqual([]);
});

test('toMatchPage shows a difference that can be read', async () => {
  await expect(orders()).toMatchPage('orders_total{tier="gold"} 1');
  const message = await messageOf(expect(orders()).toMatchPage('orders_total{tier="gold"} 2'));
  plain(message).toMatch(/- .*orders_total\{tier="gold"\} 2/);
  plain(message).toMatch(/\+ .*orders_total\{tier="gold"\} 1/);
  await expect(orders()).not.toMatchPage('orders_total{tier="gold"} 2');
});

test('the one for Vitest leaves the difference to the runner', async () => {
  interface Verdict {
    pass: boolean;
    actual?: unknown;
    expected?: unknown;
  }
  let added: Record<string, (...given: unknown[]) => Promise<Verdict>> = {};
  const fake = Object.assign((_actual: unknown) => ({}), {
    extend: (matchers: typeof added) => {
      added = matchers;
    },
  });
  withSamplesInVitest(fake);
  const verdict = await added.toHaveSample?.(orders(), 'orders_total', { tier: 'gold' }, 2);
  plain(verdict).toMatchObject({ pass: false, actual: 1, expected: 2 });
});
