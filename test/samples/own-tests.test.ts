import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { repository } from '../support/processes.js';
import { buildSample } from './built-sample.js';

const names = readdirSync(join(repository, 'samples'));

test.each(names)('the tests of the sample %s pass', async (name) => {
  const sample = await buildSample(name);
  try {
    const { code, stdout, stderr } = await sample.test();
    const printed = stdout + stderr;
    expect({ code, printed: code === 0 ? '' : printed }).toEqual({ code: 0, printed: '' });
    // A runner that finds no tests may end with 0.
    expect(printed).toMatch(/^# pass [1-9]|^ℹ pass [1-9]|[1-9]\d* passed/m);
  } finally {
    await sample.remove();
  }
});
