import { expect, test } from '@jest/globals';
import { GaugeFrom } from 'promark';
import { samplesIn } from '../support/page.js';
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
  expect((await samplesIn()).value('queue_jobs')).toBe(1);
  expect(queue.jobs).toHaveLength(1);
});
