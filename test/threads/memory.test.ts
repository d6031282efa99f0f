import { BroadcastChannel } from 'node:worker_threads';
import { expect, test } from '@jest/globals';
import { Counter, Registry } from 'promark';
import { snapshotOf } from '../../lib/model/snapshot-of.js';
import { THREAD_CHANNEL } from '../../lib/registry/thread-link.js';
import type { ForwardedMessage, MemoryMessage } from '../../lib/replica/threads/messages.js';
import { publishThread } from '../../lib/replica/threads/publish-thread.js';
import { mergeThreads } from '../../lib/replica/threads/thread-sources.js';
import { until } from '../support/until.js';

/** What a thread that starts to render pages is given. */
function memoryFor(sources: ReturnType<typeof mergeThreads>): MemoryMessage | undefined {
  const messages: ForwardedMessage[] = [];
  sources.follow((message) => messages.push(message))();
  return messages.find((message) => message.kind === 'memory');
}

test('memory of a thread that is out of date is let go of, even if no page is made', async () => {
  const registry = new Registry({ maxSeries: 0 });
  const sources = mergeThreads(registry);
  const channel = new BroadcastChannel(THREAD_CHANNEL);
  channel.onmessage = (event) => sources.receive((event as { data: ForwardedMessage }).data);
  const counter = new Counter({ name: 'c_total', help: 'c', labelNames: ['id'], registers: [registry] });
  const publication = publishThread(registry);
  try {
    for (let round = 0; round < 6; round++) {
      for (let id = 0; id < 10_000; id++) counter.inc({ id: `${round} ${id}` });
      await new Promise((resolve) => setImmediate(resolve));
      counter.reset();
      await publication.refresh();
    }
    counter.inc({ id: 'last' });
    const generations = await until('the newest memory', () => {
      const all = new Set(memoryFor(sources)?.pieces.map(({ transfer }) => transfer.generation));
      return Math.min(...all) > 1 ? [...all] : undefined;
    });
    expect(generations).toHaveLength(1);
    const late = mergeThreads(registry);
    sources.follow((message) => late.receive(message));
    const page = await late.merge({ metrics: [], collected: [], trailing: [] }, () => true);
    const labels = page.metrics.map((family) => snapshotOf(family).samples.map((sample) => sample.labels));
    expect(labels).toEqual([[{ id: 'last' }]]);
  } finally {
    publication.end();
    channel.close();
  }
});

test('a page reads memory that a thread hands over while the page is made', async () => {
  const registry = new Registry();
  const channel = new BroadcastChannel(THREAD_CHANNEL);
  const sources = mergeThreads(registry, channel);
  channel.onmessage = (event) => sources.receive((event as { data: ForwardedMessage }).data);
  const counter = new Counter({ name: 'c_total', help: 'c', labelNames: ['id'], registers: [registry] });
  for (let id = 0; id < 30; id++) counter.inc({ id: `before ${id}` }, 1);
  const publication = publishThread(registry);
  const values = async (): Promise<(readonly [string, number])[]> => {
    const page = await sources.merge({ metrics: [], collected: [], trailing: [] }, () => true);
    const { samples } = snapshotOf(page.metrics[0]);
    return samples.map(({ labels, value }) => [String(labels.id).slice(0, 6), value] as const);
  };
  try {
    await until('the memory', () => memoryFor(sources));
    expect(await values()).toEqual(Array.from({ length: 30 }, () => ['before', 1]));
    counter.reset();
    // More than the first segment of the journal holds, in the rows of the series from before.
    for (let id = 0; id < 30; id++) counter.inc({ id: `after ${id} ${'x'.repeat(1000)}` }, 2);
    expect(await values()).toEqual(Array.from({ length: 30 }, () => ['after ', 2]));
  } finally {
    publication.end();
    channel.close();
  }
});
