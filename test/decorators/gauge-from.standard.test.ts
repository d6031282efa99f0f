import { expect, test } from '@jest/globals';
import { GaugeFrom, register } from 'promark';
import { sampleValue } from 'promark/testing';
import { freshRegistry } from './support/fresh.js';

freshRegistry();

test('an instance is tracked from its construction on', async () => {
  class Queue {
    jobs = ['a'];

    @GaugeFrom({ name: 'queue_jobs' })
    get size(): number {
      return this.jobs.length;
    }
  }
  const queue = new Queue();
  expect(await sampleValue(register, 'queue_jobs')).toBe(1);
  expect(queue.jobs).toHaveLength(1);
});
