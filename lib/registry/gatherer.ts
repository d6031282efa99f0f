import type { PageFamilies, PageScope } from '../formats/page-renderer.js';
import { type EndedSeries, isReadableElsewhere, type Registrable } from '../metrics/metric-registry.js';
import { ConfigError, PromarkError } from '../model/errors.js';
import type { FamilySnapshot } from '../model/family.js';
import { type FamilySource, snapshotSource } from '../model/live-family.js';
import { Semaphore } from '../model/turn.js';
import { type Collector, familiesOf } from './collector.js';
import type { FaultLog } from './fault-log.js';
import type { Members } from './members.js';

/** A refresh that is under way, possibly for several pages at once. */
interface RunningRefresh {
  readonly work: Promise<unknown>;
  readonly deadline: number;
}

/** The refreshed families of a page. */
export interface Gathered {
  /** The metrics that the page selects. */
  readonly selected: readonly Registrable[];
  /** Those of them that were refreshed without error. */
  readonly metrics: readonly Registrable[];
  /** The families of collectors. */
  readonly collected: readonly FamilySnapshot[];
}

/** Adds what other threads or processes record to the pages of a registry. */
export interface PageMerging {
  /**
   * Returns the families of a page with the values of other threads or processes.
   *
   * @param ownFamilies The registry's own families, refreshed.
   * @param selects Whether the page shows a family.
   * @param scope Whose values the page shows. Default: everything that is merged.
   */
  merge(
    ownFamilies: PageFamilies,
    selects: (family: FamilySource) => boolean,
    scope: PageScope | undefined,
  ): Promise<PageFamilies>;
  /** Describes whose values the pages show: `all 4 processes`. Undefined for those of this process alone. */
  describeScope?(): string | undefined;
  /** The series of ended threads or processes, if they may be removed. */
  readonly ended?: EndedSeries | undefined;
}

/**
 * Refreshes families before a page is rendered, and adds the values of other threads or processes. Whatever fails or
 * takes too long is left out of that page and counted in the fault log. Concurrent pages share the work; a refresh that
 * exceeds its time is not started a second time while it runs.
 */
export class Gatherer {
  readonly collectors = new Set<Collector>();
  /** Adds the values of other threads or processes to pages. */
  merging: PageMerging | undefined;
  private readonly running = new Map<object, RunningRefresh>();
  private readonly renderings = new Set<Promise<unknown>>();
  private readonly merges = new Semaphore(1);

  constructor(
    private readonly members: Members,
    private readonly faults: FaultLog,
    /** Time limit of one family or collector in milliseconds. */
    private readonly limit: number,
  ) {}

  /**
   * Calls `use` with the families of a page: refreshed, without those that failed, and with the values of other threads
   * or processes.
   */
  async use<T>(
    wanted: (family: FamilySource) => boolean,
    use: (families: PageFamilies) => Promise<T>,
    scope?: PageScope,
  ): Promise<T> {
    const { selected, metrics, collected } = await this.gather(wanted);
    const ownFamilies = { metrics, collected: collected.map(snapshotSource), trailing: this.faults.metrics };
    if (scope === 'thread') return use(ownFamilies);
    const failed = selected.filter((metric) => !metrics.includes(metric)).map(({ name }) => name);
    return this.merge(ownFamilies, (family) => !failed.includes(family.name) && wanted(family), use, scope);
  }

  /** Like `use`, for one family. */
  async useOne<T>(metric: Registrable, use: (families: PageFamilies) => Promise<T>): Promise<T> {
    const metrics = await this.refresh([metric]);
    const ownFamilies = { metrics, collected: [], trailing: [] };
    return this.merge(ownFamilies, (family) => family.name === metric.name && metrics.length > 0, use);
  }

  /**
   * Calls `use` with families that include the values of other threads or processes, or with the own families if
   * merging fails. Until it is done, no other page reads the sources, so that the page shows each as of one moment.
   */
  private async merge<T>(
    ownFamilies: PageFamilies,
    selects: (family: FamilySource) => boolean,
    use: (families: PageFamilies) => Promise<T>,
    scope?: PageScope,
  ): Promise<T> {
    const { merging } = this;
    if (merging === undefined) return use(ownFamilies);
    return this.merges.run(async () => {
      const families = merging.merge(ownFamilies, selects, scope).catch((error) => {
        this.faults.instrumentation('adding what other threads record', error);
        return ownFamilies;
      });
      return use(await families);
    });
  }

  /** Refreshes what a page selects. A collector's family is left out if a metric has the same name. */
  async gather(wanted: (family: FamilySource) => boolean): Promise<Gathered> {
    const selected = this.members.all().filter(wanted);
    const isRefreshed = selected.some(({ refresh }) => refresh !== undefined);
    if (!isRefreshed && this.collectors.size === 0) return { selected, metrics: selected, collected: [] };
    if (this.renderings.size > 0 && isRefreshed) await this.rendered();
    const [metrics, yielded] = await Promise.all([this.refresh(selected), this.collect()]);
    const names = new Set<string>();
    const collected = yielded.filter((family) => {
      const isFree = this.members.isFree(family.name) && !names.has(family.name);
      names.add(family.name);
      if (!isFree) this.faults.collectFailed(family.name, new ConfigError('another family has the name already.'));
      return isFree && wanted(snapshotSource(family));
    });
    return { selected, metrics, collected };
  }

  /**
   * Renders a page. Refreshes wait until it is done, so that no page shows a family between two steps of its `collect`.
   */
  async rendering<T>(render: () => Promise<T>): Promise<T> {
    const page = render();
    this.renderings.add(page);
    try {
      return await page;
    } finally {
      this.renderings.delete(page);
    }
  }

  /** Waits until no page is being rendered. */
  private async rendered(): Promise<void> {
    while (this.renderings.size > 0) await Promise.allSettled(this.renderings);
  }

  /** Refreshes metrics. Returns those that did not fail. */
  async refresh(metrics: readonly Registrable[]): Promise<Registrable[]> {
    const fresh = await Promise.all(
      metrics.map((metric) => {
        const refresh = metric.refresh;
        return refresh === undefined ? true : this.update(metric, refresh);
      }),
    );
    return metrics.filter((_, i) => fresh[i] !== undefined);
  }

  /**
   * Refreshes one metric. Readers in other threads see the series that it removes and adds when it is done, even if
   * that takes several turns, or when its time is up.
   */
  private async update(metric: Registrable, refresh: () => unknown): Promise<unknown> {
    const end = isReadableElsewhere(metric) ? metric.beginUpdate?.() : undefined;
    try {
      return await this.attempt(metric, metric.name, () => refresh.call(metric));
    } finally {
      end?.();
    }
  }

  private async collect(): Promise<FamilySnapshot[]> {
    const yields = await Promise.all(
      Array.from(this.collectors, (collector) => this.attempt(collector, collector.name, () => familiesOf(collector))),
    );
    return yields.flatMap((families) => (Array.isArray(families) ? (families as FamilySnapshot[]) : []));
  }

  /** Returns the result of the work, or undefined if it failed. */
  private async attempt(key: object, name: string, start: () => unknown): Promise<unknown> {
    try {
      const running = this.running.get(key);
      const result = running === undefined ? start() : undefined;
      if (running === undefined && !isThenable(result)) return result ?? true;
      return (await this.finish(running ?? this.begin(key, result))) ?? true;
    } catch (error) {
      this.faults.collectFailed(name, error);
      return undefined;
    }
  }

  private begin(key: object, result: unknown): RunningRefresh {
    const work = Promise.resolve(result).finally(() => this.running.delete(key));
    // It may fail after its time, when nothing awaits it any more.
    work.catch(() => {});
    const running = { work, deadline: performance.now() + this.limit };
    this.running.set(key, running);
    return running;
  }

  private async finish({ work, deadline }: RunningRefresh): Promise<unknown> {
    const left = deadline - performance.now();
    if (left <= 0) throw this.late();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeoutError = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.late()), left);
    });
    try {
      return await Promise.race([work, timeoutError]);
    } finally {
      clearTimeout(timer);
    }
  }

  private late(): PromarkError {
    return new PromarkError(`it took longer than ${this.limit} ms.`);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
