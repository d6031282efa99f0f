import { isMergeable } from '../../metrics/mergeable-family.js';
import type { Registrable } from '../../metrics/metric-registry.js';
import type { JournalPublisher } from './journal-publisher.js';

/**
 * Publishes the metrics of a registry whose `collect` functions run at intervals only. A gauge that such a function computes
 * appears once it has run: until then, the gauge would show 0, which it may never have been. Everything else appears at once.
 */
export class ComputedGauges {
  /** The gauges that have no value yet, and whether each goes to the end of the page. */
  private readonly waiting = new Map<Registrable, boolean>();

  constructor(
    private readonly publisher: JournalPublisher,
    /** Called when there is another gauge, which may have to be computed. */
    private readonly appeared: () => void = () => {},
  ) {}

  show(metric: Registrable, last: boolean): void {
    if (metric.refresh !== undefined && hasUnsetSeries(metric)) this.waiting.set(metric, last);
    else this.publisher.show(metric, last);
    if (metric.type === 'gauge') this.appeared();
  }

  hide(metric: Registrable): void {
    this.waiting.delete(metric);
    this.publisher.hide(metric);
  }

  hideAll(): void {
    this.waiting.clear();
    this.publisher.hideAll();
  }

  /** The `collect` functions of these metrics have run. */
  computed(metrics: readonly Registrable[]): void {
    for (const metric of metrics) {
      const last = this.waiting.get(metric);
      if (last === undefined) continue;
      this.waiting.delete(metric);
      this.publisher.show(metric, last);
    }
  }

  /**
   * Runs all `collect` functions, as far as they do their work before they return: the thread or process is about to end,
   * and nothing would have what they have counted since the last time.
   */
  computeLast(): void {
    const metrics = [...this.publisher.metrics, ...this.waiting.keys()];
    this.computed(metrics.filter(computeNow));
  }
}

/** Whether a gauge has a series that was never set. */
function hasUnsetSeries(metric: Registrable): boolean {
  if (metric.type !== 'gauge' || !isMergeable(metric)) return false;
  for (let row = 0; row < metric.rowCount; row++) {
    if (metric.labelValues(row) !== undefined && !metric.isSet(row)) return true;
  }
  return false;
}

/** Returns whether it has succeeded. */
function computeNow(metric: Registrable): boolean {
  try {
    const later = metric.refresh?.();
    later?.then?.(undefined, () => {});
    return later === undefined;
  } catch {
    return false;
  }
}
