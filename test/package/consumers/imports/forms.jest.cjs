const { forms } = require('./forms.cjs');

test('every form of a CommonJS import works, and a function can be replaced in a test', () => {
  expect(forms()).toEqual({ default: true, namespace: true });
  const client = require('promark');
  jest.spyOn(client, 'collectDefaultMetrics').mockReturnValue('replaced');
  expect(client.default.collectDefaultMetrics()).toBe('replaced');
});
