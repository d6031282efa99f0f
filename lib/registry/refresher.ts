import type { Registrable } from '../metrics/home.js';
import { PromarkError } from '../model/errors.js';
import type { FamilySnapshot } from '../model/family.js';
import type { Faults } from '../model/faults.js';
import { type Collector, familiesOf } from './collector.js';

/**
 * Brings families up to date before a page is made. Whatever fails or takes too long is left out of that page and told
 * to the fault log; what still runs from an earlier page is not started a second time.
 */
export class Refresher {
  private readonly running = new Set<object>();

  constructor(
    private readonly faults: Faults,
    /** Milliseconds that one family or collector may take. */
    private readonly limit: number,
  ) {}

  /** The metrics that are up to date now. */
  async refresh(metrics: readonly Registrable[]): Promise<Registrable[]> {
    const fresh = await Promise.all(
      metrics.map((metric) => {
        const refresh = metric.refresh;
        return refresh === undefined ? true : this.attempt(metric, metric.name, () => refresh.call(metric));
      }),
    );
    return metrics.filter((_, i) => fresh[i] !== undefined);
  }

  /** The families of the collectors. */
  async collect(collectors: Iterable<Collector>): Promise<FamilySnapshot[]> {
    const yields = await Promise.all(
      Array.from(collectors, (collector) => this.attempt(collector, collector.name, () => familiesOf(collector))),
    );
    return yields.flatMap((families) => (Array.isArray(families) ? (families as FamilySnapshot[]) : []));
  }

  /** What the work gave, or undefined where it failed. */
  private async attempt(key: object, name: string, work: () => unknown): Promise<unknown> {
    if (this.running.has(key)) {
      this.faults.collectFailed(name, new PromarkError('it still runs from an earlier page.'));
      return undefined;
    }
    try {
      const result = work();
      if (!isThenable(result)) return result ?? true;
      this.running.add(key);
      const settled = Promise.resolve(result).finally(() => this.running.delete(key));
      return (await within(settled, this.limit)) ?? true;
    } catch (error) {
      this.faults.collectFailed(name, error);
      return undefined;
    }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

async function within<T>(work: Promise<T>, limit: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new PromarkError(`it took longer than ${limit} ms.`)), limit);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    // Whatever becomes of work that came too late, nobody waits for it any more.
    work.catch(() => {});
  }
}
