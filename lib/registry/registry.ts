import type { Escaping } from '../formats/escaping.js';
import type { Format } from '../formats/format.js';
import type { LabelPairs } from '../formats/line.js';
import { negotiate } from '../formats/negotiate.js';
import { openMetrics } from '../formats/openmetrics.js';
import type { Page } from '../formats/page.js';
import { PageCache } from '../formats/page-cache.js';
import { type PageFamily, render } from '../formats/render.js';
import { text } from '../formats/text.js';
import { type MetricObject, metricObject } from '../metrics/metric-object.js';
import type { MetricRegistry, Registrable } from '../metrics/metric-registry.js';
import { snapshotFrom } from '../metrics/snapshot-from.js';
import { ConfigError, show } from '../model/errors.js';
import type { FamilySnapshot } from '../model/family.js';
import type { LabelValue } from '../model/labels.js';
import { checkMetricName } from '../model/names.js';
import type { SnapshotOptions } from '../model/snapshot-of.js';
import { defaultStore, type Store } from '../store/store.js';
import { aggregate } from './aggregate.js';
import type { Collector } from './collector.js';
import { checkDefaultLabels } from './default-labels.js';
import { FaultLog } from './fault-log.js';
import { type FamilyManifest, manifestOf } from './manifest.js';
import { checkSame, Members } from './members.js';
import type { PageSettings, RegistryObserver } from './observer.js';
import { checkLimit, type RegistryOptions } from './options.js';
import { Refresher } from './refresher.js';
import { dressed, matches, timeless } from './views.js';

/** What a page is to be like. */
export interface RenderOptions {
  /** The scraper's `Accept` header. Default: text 0.0.4. */
  readonly accept?: string | undefined;
  /** Names of families or of their samples; others stay off the page (`?name[]=…`). Default: all families. */
  readonly names?: readonly string[];
  /** Whether samples of collectors show the times that they have. Pushgateway and textfiles take none. Default: true. */
  readonly timestamps?: boolean;
}

/**
 * What a page is made of, metrics about faults apart.
 * @internal
 */
export interface Prepared {
  /** The metrics that were to be brought up to date. */
  readonly asked: readonly Registrable[];
  /** Those of them that are. */
  readonly metrics: readonly Registrable[];
  /** What collectors yielded. */
  readonly collectorFamilies: readonly FamilySnapshot[];
}

type Wanted = (family: Registrable | FamilySnapshot) => boolean;

/**
 * Keeps families, brings them up to date and renders them. Most programs use the default one, `register`.
 *
 * @example
 * const registry = new Registry({ defaultLabels: { app: 'shop' } });
 * const jobs = new Counter({ name: 'jobs_total', help: 'Jobs', registers: [registry] });
 * const { contentType, body } = await registry.render(request.headers.accept);
 */
export class Registry implements MetricRegistry {
  static readonly PROMETHEUS_CONTENT_TYPE = text.contentType;
  static readonly OPENMETRICS_CONTENT_TYPE = openMetrics.contentType;

  readonly store: Store;
  readonly maxSeries: number;
  readonly faults: FaultLog;
  /** Changes whenever families leave the registry: whoever keeps one for later sees by it whether to ask again. */
  generation = 0;
  private readonly members = new Members();
  private readonly collectors = new Set<Collector>();
  private readonly refresher: Refresher;
  private readonly cache = new PageCache();
  private readonly created: boolean;
  private readonly openMetrics2: boolean;
  private prefix = '';
  private ownFormat: Format = text;
  private defaultLabels: LabelPairs = [];
  private readonly observers = new Set<RegistryObserver>();

  constructor(given: string | RegistryOptions = {}) {
    const options = typeof given === 'string' ? { contentType: given } : given;
    this.store = options.store ?? defaultStore();
    this.maxSeries = checkLimit(options.maxSeries, 'maxSeries', 0, 10_000);
    this.faults = new FaultLog(options.logger ?? console, this.store);
    this.faults.appeared = (metric) => this.tell((observer) => observer.show(metric, true));
    this.refresher = new Refresher(this.faults, checkLimit(options.collectTimeoutMs, 'collectTimeoutMs', 1, 5000));
    this.created = options.created ?? false;
    this.openMetrics2 = options.openMetrics2 ?? false;
    if (options.contentType !== undefined) this.setContentType(options.contentType);
    if (options.prefix !== undefined) this.setPrefix(options.prefix);
    if (options.defaultLabels !== undefined) this.setDefaultLabels(options.defaultLabels);
  }

  /** Takes a metric in. Throws ConflictError where it cannot stand beside one that is there. */
  registerMetric(metric: Registrable): void {
    if (this.members.add(metric)) this.tell((observer) => observer.show(metric, false));
  }

  /**
   * The metric of this name, made where there is none. Throws ConflictError, naming both, where there is one with
   * another type, other labels, buckets, quantiles or states.
   *
   * @example const hits = registry.getOrCreate(Counter, { name: 'hits_total', help: 'Hits' });
   */
  getOrCreate<C extends object, M extends Registrable>(type: new (config: C) => M, config: C): M {
    const wanted = new type({ ...config, registers: [] });
    const existing = this.members.get(wanted.name);
    if (existing === undefined) return new type({ ...config, registers: [this] });
    checkSame(existing, wanted);
    return existing as M;
  }

  /** Takes a collector in; what it yields stands on every page. Taking it in twice changes nothing. */
  registerCollector(collector: Collector): void {
    if (typeof collector?.collect !== 'function' || typeof collector.name !== 'string') {
      throw new ConfigError(`A collector has a name and a collect function, unlike ${show(collector)}.`);
    }
    this.collectors.add(collector);
  }

  removeCollector(collector: Collector): void {
    this.collectors.delete(collector);
  }

  /** The page for a scraper: in the format and with the escaping that its `Accept` header asks for. */
  async render(request: string | RenderOptions = {}): Promise<Page> {
    const { accept, names, timestamps }: RenderOptions = typeof request === 'string' ? { accept: request } : request;
    const { format, escaping, contentType } = negotiate(accept, this.openMetrics2);
    return this.renderIn(format, escaping, contentType, names, timestamps);
  }

  /** The page as text in the registry's own format. */
  async metrics(): Promise<string> {
    // Quoted names are for scrapers that asked for them.
    return (await this.renderIn(this.ownFormat, 'underscores', this.contentType)).text;
  }

  /**
   * Tells an observer what stands on the pages, and from now on what changes. Returns how to end that.
   * @internal
   */
  observe(observer: RegistryObserver): () => void {
    observer.set(this.pageSettings);
    for (const metric of this.members.all()) observer.show(metric, false);
    for (const metric of this.faults.metrics) observer.show(metric, true);
    this.observers.add(observer);
    return () => void this.observers.delete(observer);
  }

  /**
   * Brings the wanted families up to date for a page that is made elsewhere.
   * @internal
   */
  prepare(names: readonly string[]): Promise<Prepared> {
    return this.bringUpToDate((family) => matches(family, names, this.prefix));
  }

  /** What all families say at this moment, prefix and default labels included. */
  async gather(options?: SnapshotOptions): Promise<FamilySnapshot[]> {
    const sources = await this.upToDate();
    return sources.map((source) => dressed(snapshotFrom(source, options), this.prefix, this.defaultLabels));
  }

  getSingleMetric(name: string): Registrable | undefined {
    return this.members.get(name);
  }

  /** The lines of one family, as in `metrics()`. Throws ConfigError where there is none of the name. */
  async getSingleMetricAsString(name: string): Promise<string> {
    const metric = this.members.get(name);
    if (metric === undefined) throw new ConfigError(`There is no metric called ${show(name)} in this registry.`);
    return this.getMetricsAsString(metric);
  }

  /** The lines of one family, as in `metrics()`, without the last line's end. */
  async getMetricsAsString(metric: Registrable): Promise<string> {
    const page = await this.pageOf(
      await this.refresher.refresh([metric]),
      { ...this.ownFormat, end: '' },
      'underscores',
      '',
    );
    return page.text.trimEnd();
  }

  getMetricsAsArray(): Registrable[] {
    return this.members.all();
  }

  /** Every metric with its values, in prom-client's form. */
  async getMetricsAsJSON(): Promise<MetricObject[]> {
    const sources = await this.upToDate();
    return sources.map((source) => metricObject(source, Object.fromEntries(this.defaultLabels)));
  }

  removeSingleMetric(name: string): void {
    this.generation += 1;
    const metric = this.members.get(name);
    this.members.remove(name);
    if (metric !== undefined) this.tell((observer) => observer.hide(metric));
  }

  /** Takes the series off the page, in all families that have these labels, whose labels have all these values. */
  removeMatching(labels: { readonly [label: string]: LabelValue }): number {
    let removed = 0;
    for (const metric of this.members.all()) {
      const fits = Object.keys(labels).every((label) => metric.labelNames.includes(label));
      if (fits && 'removeMatching' in metric) removed += metric.removeMatching(labels);
    }
    return removed;
  }

  /** Takes everything out: metrics, collectors and default labels. */
  clear(): void {
    this.generation += 1;
    for (const metric of this.members.all()) this.tell((observer) => observer.hide(metric));
    this.members.clear();
    this.collectors.clear();
    this.setDefaultLabels({});
  }

  /**
   * What the registry's families are: type, unit, labels, buckets, the methods marked with them and what these promise.
   * Plain data without numbers, for tools that make rules, dashboards or documentation.
   */
  manifest(): FamilyManifest[] {
    return manifestOf(this.members.all(), this.prefix);
  }

  /** Sets every metric back to what it was when it was made. */
  resetMetrics(): void {
    for (const metric of this.members.all()) metric.reset();
  }

  /** Sets the labels that every series has that has none of the name itself. */
  setDefaultLabels(labels: { readonly [label: string]: LabelValue }): void {
    this.defaultLabels = checkDefaultLabels(labels);
    this.cache.clear();
    this.tell((observer) => observer.set(this.pageSettings));
  }

  /** Sets what stands before the name of every family on the page: `'shop_'`. Throws ConfigError. */
  setPrefix(prefix: string): void {
    if (prefix !== '') checkMetricName(prefix);
    this.prefix = prefix;
    this.cache.clear();
    this.tell((observer) => observer.set(this.pageSettings));
  }

  /** The format of `metrics()`. */
  get contentType(): string {
    return this.ownFormat.contentType;
  }

  /** Sets the format of `metrics()`; `render` goes by what the scraper accepts. Throws ConfigError for another. */
  setContentType(contentType: string): void {
    const format = [text, openMetrics].find((known) => known.contentType === contentType);
    if (format === undefined) {
      const known = `"${text.contentType}" or "${openMetrics.contentType}"`;
      throw new ConfigError(`Content type ${show(contentType)} is unsupported: it is ${known}.`);
    }
    this.ownFormat = format;
  }

  /** A registry with the metrics of several; the metrics themselves are shared, not copied. */
  static merge(registries: readonly Registry[]): Registry {
    const merged = new Registry();
    for (const registry of registries) {
      for (const metric of registry.getMetricsAsArray()) merged.registerMetric(metric);
      for (const collector of registry.collectors) merged.registerCollector(collector);
    }
    return merged;
  }

  /**
   * A registry with one metric of each name, made of what several registries gave with `getMetricsAsJSON()`: series with
   * the same labels become one by the metric's `aggregator`, which is the sum where it says nothing.
   */
  static aggregate(lists: readonly (readonly MetricObject[])[], contentType?: string): Registry {
    const families = aggregate(lists);
    const registry = new Registry(contentType);
    registry.registerCollector({ name: 'aggregate', collect: () => families });
    return registry;
  }

  private async renderIn(
    format: Format,
    escaping: Escaping,
    contentType: string,
    names: readonly string[] = [],
    timestamps = true,
  ): Promise<Page> {
    const sources = await this.upToDate((metric) => matches(metric, names, this.prefix));
    return this.pageOf(timestamps ? sources : sources.map(timeless), format, escaping, contentType);
  }

  private pageOf(
    sources: readonly (Registrable | FamilySnapshot)[],
    format: Format,
    escaping: Escaping,
    contentType: string,
  ): Promise<Page> {
    const { prefix, defaultLabels, created } = this;
    const families = sources.map((source): PageFamily => ('snapshot' in source ? source.snapshot() : source));
    return render(families, format, { escaping, created, prefix, defaultLabels }, this.cache, contentType);
  }

  /** The wanted families, fresh; those that failed are missing, and the metrics about that come last. */
  private async upToDate(wanted: Wanted = () => true): Promise<(Registrable | FamilySnapshot)[]> {
    const { metrics, collectorFamilies: strangers } = await this.bringUpToDate(wanted);
    return [...metrics, ...strangers, ...this.faults.metrics.filter(wanted)];
  }

  private async bringUpToDate(wanted: Wanted): Promise<Prepared> {
    const asked = this.members.all().filter(wanted);
    const [metrics, yielded] = await Promise.all([
      this.refresher.refresh(asked),
      this.refresher.collect(this.collectors),
    ]);
    const names = new Set<string>();
    const strangers = yielded.filter((family) => {
      const free = this.members.hasRoomFor(family.name) && !names.has(family.name);
      names.add(family.name);
      if (!free) this.faults.collectFailed(family.name, new ConfigError('another family has the name already.'));
      return free && wanted(family);
    });
    return { asked, metrics, collectorFamilies: strangers };
  }

  private get pageSettings(): PageSettings {
    const { prefix, defaultLabels, created, openMetrics2 } = this;
    return { prefix, defaultLabels, created, openMetrics2 };
  }

  private tell(event: (observer: RegistryObserver) => void): void {
    for (const observer of this.observers) event(observer);
  }
}
