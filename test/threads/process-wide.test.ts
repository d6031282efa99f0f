import { expect, test } from '@jest/globals';
import { Counter, Gauge, Registry } from 'promark';
import { publishThread } from '../../lib/replica/threads/publish-thread.js';

test('a thread that is published brings its own metrics up to date, and not those of the process', async () => {
  const registry = new Registry();
  const registers = [registry];
  const collected: string[] = [];
  const collect = (name: string) => () => void collected.push(name);
  new Gauge({ name: 'of_thread', help: 'T', registers, collect: collect('thread') });
  new Gauge({ name: 'of_process', help: 'P', registers, isOfProcess: true, collect: collect('process') });
  new Counter({ name: 'jobs_total', help: 'J', registers });
  const publication = publishThread(registry);
  await publication.refresh();
  expect(collected).toEqual(['thread']);
  publication.end();
});
