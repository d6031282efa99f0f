import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type BuiltSample, buildSample } from './built-sample.js';

describe.each([
  ['cluster', 'dist/main.js'],
  ['compose', 'dist/main.js'],
  ['express-shop', 'dist/main.js'],
  ['fastify-shop', 'dist/main.js'],
  ['nest-shop', 'dist/src/main.js'],
  ['pm2', 'dist/shop.js'],
  ['quickstart', 'dist/counter.js'],
  ['quickstart', 'dist/four-types.js'],
  ['worker-pool', 'dist/main.js'],
])('the sample %s, %s', (name, program) => {
  let sample: BuiltSample;

  beforeAll(async () => {
    sample = await buildSample(name);
  });

  afterAll(() => sample?.remove());

  test('says in one line that PORT is not a port', async () => {
    const { code, stdout, stderr } = await sample.run(program, { PORT: 'abc' });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^.*port must be .*\n$/i);
  });
});
