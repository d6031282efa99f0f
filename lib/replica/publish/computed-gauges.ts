import { isMergeable } from '../../metrics/mergeable-family.js';
import type { Registrable } from '../../metrics/metric-registry.js';
import type { JournalPublisher } from './journal-publisher.js';

/**
 * Publishes the metrics of a registry whose `collect` functions only run at intervals. A gauge that such a function
 * computes appears once the function has run, because it would show 0 until then. Everything else appears immediately.
 */
export class ComputedGauges {
  /** The gauges without a value, and whether each is at the end of the page. */
  private readonly waiting = new Map<Registrable, boolean>();

  constructor(
    private readonly publisher: JournalPublisher,
    /** Called when a gauge is added, which may have to be computed. */
    private readonly appeared: () => void = () => {},
  ) {}

  add(metric: Registrable, last: boolean): void {
    if (metric.refresh !== undefined && hasUnsetSeries(metric)) this.waiting.set(metric, last);
    else this.publisher.add(metric, last);
    if (metric.type === 'gauge') this.appeared();
  }

  remove(metric: Registrable): void {
    this.waiting.delete(metric);
    this.publisher.remove(metric);
  }

  removeAll(): void {
    this.waiting.clear();
    this.publisher.removeAll();
  }

  /** Called when the `collect` functions of these metrics have run. */
  computed(metrics: readonly Registrable[]): void {
    for (const metric of metrics) {
      const last = this.waiting.get(metric);
      if (last === undefined) continue;
      this.waiting.delete(metric);
      this.publisher.add(metric, last);
    }
  }

  /**
   * Runs all synchronous `collect` functions a last time, because the thread or process is about to end. Of async ones,
   * only the part before the first `await` takes effect.
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

/** Returns whether the metric was computed. */
function computeNow(metric: Registrable): boolean {
  try {
    const later = metric.refresh?.();
    later?.then?.(undefined, () => {});
    return later === undefined;
  } catch {
    return false;
  }
}
