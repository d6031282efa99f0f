import { afterEach, expect, jest, test } from '@jest/globals';

const load = () => import('promark');

afterEach(() => {
  jest.resetModules();
});

test('after jest.resetModules(), the default registry has nothing of what was registered before', async () => {
  const before = await load();
  new before.Counter({ name: 'jobs_total', help: 'Jobs' }).inc();
  jest.resetModules();
  const after = await load();
  expect(after.register).not.toBe(before.register);
  new after.Counter({ name: 'jobs_total', help: 'Jobs' }).inc(2);
  expect(await after.register.metrics()).toContain('jobs_total 2');
  expect(after.Registry.globalRegistry).toBe(after.register);
  expect(await before.register.metrics()).toContain('jobs_total 1');
});

test('what was loaded before goes on recording in its own registry', async () => {
  const before = await load();
  jest.resetModules();
  await load();
  new before.Counter({ name: 'late_total', help: 'Late' }).inc();
  expect(before.register.getSingleMetric('late_total')).toBeDefined();
});
