import type { PageFamilies, PageScope } from '../formats/page-renderer.js';
import { type EndedSeries, isReadableElsewhere, type Registrable } from '../metrics/metric-registry.js';
import { ConfigError, PromarkError } from '../model/errors.js';
import type { FamilySnapshot } from '../model/family.js';
import { type FamilySource, gathered } from '../model/live-family.js';
import { Semaphore } from '../model/turn.js';
import { type Collector, familiesOf } from './collector.js';
import type { FaultLog } from './fault-log.js';
import type { Members } from './members.js';

/** Work that is under way, perhaps for several pages at once. */
interface RunningRefresh {
  readonly work: Promise<unknown>;
  readonly deadline: number;
}

/** The families of a page, brought up to date. */
export interface Gathered {
  /** The metrics that the page wants. */
  readonly asked: readonly Registrable[];
  /** Those of them that are up to date. */
  readonly metrics: readonly Registrable[];
  /** What collectors yielded. */
  readonly collected: readonly FamilySnapshot[];
}

/** Adds what other threads or processes record to the pages of a registry. */
export interface PageMerging {
  /**
   * The families of a page with what others record.
   *
   * @param own The registry's own families, brought up to date.
   * @param selects Whether the page shows a family.
   * @param scope Whose values the page shows. Default: everything that is merged.
   */
  merge(
    own: PageFamilies,
    selects: (family: FamilySource) => boolean,
    scope: PageScope | undefined,
  ): Promise<PageFamilies>;
  /** Whose values the pages show, for people: `all 4 processes`. Undefined for those of this process alone. */
  describeScope?(): string | undefined;
  /** What others that have ended recorded, if it may be dropped. */
  readonly ended?: EndedSeries | undefined;
}

/**
 * Brings families up to date before a page is made, and adds what others record. Whatever fails or takes too long is left out of that page and
 * counted in the fault log. Pages that are made at the same time share the work; what runs beyond its time is not
 * started a second time.
 */
export class Gatherer {
  readonly collectors = new Set<Collector>();
  /** What adds to the pages what other threads or processes record. */
  merging: PageMerging | undefined;
  private readonly running = new Map<object, RunningRefresh>();
  private readonly renderings = new Set<Promise<unknown>>();
  private readonly merges = new Semaphore(1);

  constructor(
    private readonly members: Members,
    private readonly faults: FaultLog,
    /** Milliseconds that one family or collector may take. */
    private readonly limit: number,
  ) {}

  /** Uses the families of a page, brought up to date and with what others record, without those that failed. */
  async use<T>(
    wanted: (family: FamilySource) => boolean,
    use: (families: PageFamilies) => Promise<T>,
    scope?: PageScope,
  ): Promise<T> {
    const { asked, metrics, collected } = await this.gather(wanted);
    const own = { metrics, collected: collected.map(gathered), trailing: this.faults.metrics };
    if (scope === 'thread') return use(own);
    const failed = asked.filter((metric) => !metrics.includes(metric)).map(({ name }) => name);
    return this.merge(own, (family) => !failed.includes(family.name) && wanted(family), use, scope);
  }

  /** Uses one family, as `use` does. */
  async useOne<T>(metric: Registrable, use: (families: PageFamilies) => Promise<T>): Promise<T> {
    const metrics = await this.refresh([metric]);
    const own = { metrics, collected: [], trailing: [] };
    return this.merge(own, (family) => family.name === metric.name && metrics.length > 0, use);
  }

  /**
   * Uses families with what others record, or the own families alone if merging fails. Until that is done, no other page
   * reads the sources: each of them is on the page as it was at one moment.
   */
  private async merge<T>(
    own: PageFamilies,
    selects: (family: FamilySource) => boolean,
    use: (families: PageFamilies) => Promise<T>,
    scope?: PageScope,
  ): Promise<T> {
    const { merging } = this;
    if (merging === undefined) return use(own);
    return this.merges.run(async () => {
      const families = merging.merge(own, selects, scope).catch((error) => {
        this.faults.instrumentation('adding what other threads record', error);
        return own;
      });
      return use(await families);
    });
  }

  /** Brings up to date what a page wants. A collector's family is left out if a metric has its name. */
  async gather(wanted: (family: FamilySource) => boolean): Promise<Gathered> {
    const asked = this.members.all().filter(wanted);
    const isRefreshed = asked.some(({ refresh }) => refresh !== undefined);
    if (!isRefreshed && this.collectors.size === 0) return { asked, metrics: asked, collected: [] };
    if (this.renderings.size > 0 && isRefreshed) await this.rendered();
    const [metrics, yielded] = await Promise.all([this.refresh(asked), this.collect()]);
    const names = new Set<string>();
    const collected = yielded.filter((family) => {
      const isFree = this.members.hasRoomFor(family.name) && !names.has(family.name);
      names.add(family.name);
      if (!isFree) this.faults.collectFailed(family.name, new ConfigError('another family has the name already.'));
      return isFree && wanted(gathered(family));
    });
    return { asked, metrics, collected };
  }

  /** Makes a page, while which nothing is brought up to date: no page shows a family between two steps of its `collect`. */
  async rendering<T>(render: () => Promise<T>): Promise<T> {
    const page = render();
    this.renderings.add(page);
    try {
      return await page;
    } finally {
      this.renderings.delete(page);
    }
  }

  /** Waits until no page is being made. */
  private async rendered(): Promise<void> {
    while (this.renderings.size > 0) await Promise.allSettled(this.renderings);
  }

  /** Brings metrics up to date. Returns those that are. */
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
   * Brings one metric up to date. Readers in other threads see the series that this removes and adds when it is over, even
   * if it takes several turns; where it takes too long, they see how far it has come.
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

  /** The result of the work, or undefined if it failed. */
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
    // It may fail when nothing awaits it any more.
    work.catch(() => {});
    const running = { work, deadline: performance.now() + this.limit };
    this.running.set(key, running);
    return running;
  }

  private async finish({ work, deadline }: RunningRefresh): Promise<unknown> {
    const left = deadline - performance.now();
    if (left <= 0) throw this.late();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.late()), left);
    });
    try {
      return await Promise.race([work, late]);
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
