import { isReadableElsewhere, type Registrable } from '../../metrics/metric-registry.js';
import { snapshotOf } from '../../model/snapshot-of.js';
import { runningOn } from '../../registry/defaults/collect-default-metrics.js';
import type { Registry } from '../../registry/registry.js';
import type { ScrapeAnswer } from '../../replica/mirror/mirror-registry.js';
import type { JournalPublisher } from '../../replica/publish/journal-publisher.js';
import type { ProcessCollector } from './messages.js';
import { PROCESS_COLLECTORS } from './process-collectors.js';

/** Brings families up to date for a page that another thread makes, and says what that cannot read itself. */
export async function answerScrape(
  registry: Registry,
  publication: JournalPublisher,
  names: readonly string[],
): Promise<ScrapeAnswer> {
  const { asked, metrics, collected } = await registry.prepare(names);
  const fresh = new Set(metrics);
  const numbers = (list: readonly Registrable[]) => list.map((metric) => publication.numberOf(metric) ?? -1);
  const unreadable = metrics.filter(
    (metric) => publication.journal.isBroken || (!isReadableElsewhere(metric) && metric.watch === undefined),
  );
  return {
    failed: numbers(asked.filter((metric) => !fresh.has(metric))),
    snapshotted: unreadable.map((metric) => [publication.numberOf(metric) ?? -1, snapshotOf(metric)] as const),
    collectorFamilies: collected,
  };
}

/** Default collectors that run on a registry and whose numbers another thread can read. */
export function processCollectors(registry: Registry): ProcessCollector[] {
  return [...runningOn(registry)].flatMap(([key, { scope }]) => {
    const name = PROCESS_COLLECTORS.find((collector) => key.startsWith(`${collector} `));
    if (name === undefined || !scope.intact) return [];
    return [{ name, prefix: scope.options.prefix, labels: scope.options.labels }];
  });
}
