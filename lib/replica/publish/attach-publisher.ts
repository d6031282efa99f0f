import type { MessagePort } from 'node:worker_threads';
import { isReadableElsewhere, type Registrable } from '../../metrics/metric-registry.js';
import { snapshotOf } from '../../model/snapshot-of.js';
import type { Registry } from '../../registry/registry.js';
import type { ScrapeAnswer } from '../mirror/mirror-registry.js';
import { ThreadMemory } from '../thread-memory.js';
import { JournalPublisher } from './journal-publisher.js';
import { SelfContained } from './self-contained.js';

/** A registry whose journal another thread reads. */
export interface AttachedPublisher {
  readonly publication: JournalPublisher;
  /** Whether the other thread can render pages on its own. */
  readonly selfContained: SelfContained;
  /** Resolves once every family is described. Rejects with the error of a family that cannot be. */
  readonly described: Promise<void>;
  /** Stops publishing permanently. */
  end(): void;
}

/**
 * Starts describing a registry in shared memory, which is posted to the reader through a port. `isSelfContained` is the
 * word by which the reader knows whether it can render pages on its own.
 */
export function attachPublisher(
  registry: Registry,
  memory: MessagePort,
  isSelfContained: Int32Array,
): AttachedPublisher {
  const threadMemory = new ThreadMemory();
  const publication = new JournalPublisher(threadMemory, registry.faults);
  memory.unref();
  const unlisten = threadMemory.listen((transfer) => memory.postMessage(transfer));
  const selfContained = new SelfContained(isSelfContained, registry, publication);
  const unobserve = registry.observe(selfContained);
  const end = () => {
    unobserve();
    unlisten();
    publication.end();
    memory.close();
  };
  return { publication, selfContained, described: publication.describe(), end };
}

/** Refreshes families for another thread's page, and returns those that this thread cannot read from cells. */
export async function answerScrape(
  registry: Registry,
  publication: JournalPublisher,
  names: readonly string[],
): Promise<ScrapeAnswer> {
  const { selected, metrics, collected } = await registry.prepare(names);
  const fresh = new Set(metrics);
  const numbers = (list: readonly Registrable[]) => list.map((metric) => publication.numberOf(metric) ?? -1);
  const unreadable = metrics.filter(
    (metric) => publication.journal.isBroken || (!isReadableElsewhere(metric) && metric.watch === undefined),
  );
  return {
    failed: numbers(selected.filter((metric) => !fresh.has(metric))),
    snapshotted: unreadable.map((metric) => [publication.numberOf(metric) ?? -1, snapshotOf(metric)] as const),
    collectorFamilies: collected,
  };
}
