import type { PageSettings } from '../../formats/page-renderer.js';
import { isReadableElsewhere, type Registrable } from '../../metrics/metric-registry.js';
import type { Registry, RegistryObserver } from '../../registry/registry.js';
import type { JournalPublisher } from './journal-publisher.js';

/**
 * Tells another thread, by a word in shared memory, whether it can render pages from journal and cells alone: 1 if so, 0
 * if it must request a refresh first, for example because a metric has a `collect`. The word becomes 0 before anything
 * that might require a refresh. Whether it really does is checked later, when a message of that thread arrives.
 */
export class SelfContained implements RegistryObserver {
  constructor(
    /** Initially 0. Only this thread writes it. */
    private readonly word: Int32Array,
    private readonly registry: Registry,
    private readonly publication: JournalPublisher,
  ) {
    publication.journal.onIncomplete = () => this.invalidate();
  }

  add(metric: Registrable, last: boolean): void {
    this.invalidate();
    this.publication.add(metric, last);
  }

  remove(metric: Registrable): void {
    this.publication.remove(metric);
  }

  configure(settings: PageSettings): void {
    this.publication.configure(settings);
  }

  addSource(): void {
    this.invalidate();
  }

  /** Makes the other thread request a refresh for each page, until the next check. */
  invalidate(): void {
    if (this.word[0] !== 0) Atomics.store(this.word, 0, 0);
  }

  /** Checks whether pages need this thread. The journal must have been flushed. */
  check(): void {
    const { registry, publication } = this;
    const { isWhole, journal, metrics } = publication;
    // Registries of another copy of promark may lack `hasOnlyMetrics`.
    const isContained = isWhole && !journal.isBroken && registry.hasOnlyMetrics === true;
    Atomics.store(this.word, 0, isContained && [...metrics].every(isInJournal) ? 1 : 0);
  }
}

/** Whether all values of a metric are in its cells or in the journal, and the metric announces when that changes. */
function isInJournal(metric: Registrable): boolean {
  if (metric.refresh !== undefined || metric.announceRefresh === undefined) return false;
  return isReadableElsewhere(metric) || metric.watch !== undefined;
}
