import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Registry } from 'promark';
import { PrometheusModule } from 'promark/nest';
import { nests, type Programs, preparePrograms } from './programs.js';

let programs: Programs;

beforeAll(async () => {
  programs = await preparePrograms();
});

afterAll(() => programs.remove());

describe('the option `multiprocess`', () => {
  test.each(nests)('shows all workers of a cluster on the page of each, on %s', async (nest) => {
    const pages = JSON.parse(await programs.run('multiprocess', nest));
    expect(pages).toHaveLength(2);
    for (const page of pages) {
      expect(page).toMatch(/^promark_multiprocess_processes 2$/m);
      expect(page).toMatch(/^orders\{result="ok"\} 3$/m);
    }
  });

  test('is checked', () => {
    const forRoot = (multiprocess: object) => () =>
      PrometheusModule.forRoot({ registry: new Registry(), multiprocess });
    expect(forRoot({ directory: '/x' })).toThrow('directory');
    expect(forRoot({ registry: new Registry() })).toThrow('The registry is that of the module.');
  });
});
