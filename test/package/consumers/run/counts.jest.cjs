const { Counter, Registry } = require('promark');

test('a user who tests in CommonJS can load promark', async () => {
  const register = new Registry();
  new Counter({ name: 'tests_total', help: 'Tests', registers: [register] }).inc();
  expect(await register.metrics()).toContain('tests_total 1\n');
});
