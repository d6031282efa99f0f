import type { Page, PageFamilies, PageRenderer, PageSettings, RenderOptions } from '../formats/page-renderer.js';
import { createPageRenderer, inOrder } from '../formats/page-renderer.js';
import {
  defaultRegistry,
  type EndedSeries,
  type MetricRegistry,
  type Registrable,
} from '../metrics/metric-registry.js';
import { INSPECT } from '../metrics/recording.js';
import { ConfigError, show } from '../model/errors.js';
import type { FamilySnapshot } from '../model/family.js';
import type { LabelValue } from '../model/labels.js';
import { type FamilySource, isSelected, type LiveFamilies } from '../model/live-family.js';
import { type FamilyManifest, manifestOf } from '../model/manifest.js';
import { checkMetricName } from '../model/names.js';
import { isOptionsObject, warnOfUnknownOptions } from '../model/options.js';
import type { SnapshotOptions } from '../model/snapshot-of.js';
import { aggregate } from '../promclient/aggregate.js';
import {
  type OpenMetricsContentType,
  openMetricsContentType,
  type PrometheusContentType,
  prometheusContentType,
  type RegistryContentType,
} from '../promclient/exports.js';
import { type Aggregator, type MetricObject, metricObject } from '../promclient/metric-object.js';
import { defaultStore, type Store } from '../store/store.js';
import { collectorFor, type ForeignMetric } from './adapted-metric.js';
import type { Collector } from './collector.js';
import { FaultLog } from './fault-log.js';
import { type Gathered, Gatherer, type PageMerging } from './gatherer.js';
import { checkSame, isNameless, Members, type Metric, type MetricLike, originalOf, toRegistrable } from './members.js';
import {
  checkContentType,
  checkDefaultLabels,
  checkFlag,
  checkLimit,
  checkPlainBounds,
  checkRegistryOptions,
  REGISTRY_OPTIONS,
  type RegistryOptions,
} from './registry-options.js';
import { isolateRunning } from './running-collectors.js';

/** Notified of changes to the families and settings of a registry's pages. */
export interface RegistryObserver {
  /** A family was registered. If `last`, it is at the end of the page, after those of collectors. */
  add(metric: Registrable, last: boolean): void;
  /** A family was removed. */
  remove(metric: Registrable): void;
  configure(settings: PageSettings): void;
  /** Pages may show more than the metrics from now on: the families of a collector, or values of other threads. */
  addSource?(): void;
}

/**
 * Holds metrics and collectors, and renders their pages. Most programs use the default registry, `register`.
 *
 * @example
 * const registry = new Registry({ defaultLabels: { app: 'shop' } });
 * const jobs = new Counter({ name: 'jobs_total', help: 'Jobs', registers: [registry] });
 * const { contentType, body } = await registry.render(request.headers.accept);
 */
export class Registry<ContentType extends RegistryContentType = RegistryContentType> implements MetricRegistry {
  /** The content type of text 0.0.4, for the option `contentType`. */
  static readonly PROMETHEUS_CONTENT_TYPE: PrometheusContentType = prometheusContentType;
  /** The content type of OpenMetrics 1.0, for the option `contentType`. */
  static readonly OPENMETRICS_CONTENT_TYPE: OpenMetricsContentType = openMetricsContentType;

  readonly store: Store;
  readonly maxSeries: number;
  readonly faults: FaultLog;
  /**
   * Whether each page is rendered for one request, so that exporters may release it once it is sent.
   * @internal
   */
  readonly rendersAnew = true;
  /** Changes whenever families are removed, so that callers that cache one know when to look it up again. */
  generation = 0;
  private readonly members = new Members();
  private readonly gatherer: Gatherer;
  private settings: PageSettings;
  private ownType: RegistryContentType = prometheusContentType;
  private pages: PageRenderer | undefined;
  /** The default labels for JSON, in which numbers stay numbers. */
  private jsonLabels: Readonly<Record<string, string | number>> = {};
  private readonly observers = new Set<RegistryObserver>();
  private threadLink: { set(merged: boolean): void } | undefined;

  // The type parameter is only used here, so that registries of different content types are assignable to each other.
  constructor(typeOrOptions: ContentType | (string & {}) | RegistryOptions = {}) {
    const options: RegistryOptions = typeof typeOrOptions === 'string' ? { contentType: typeOrOptions } : typeOrOptions;
    checkRegistryOptions(options);
    this.store = options.store ?? defaultStore();
    this.maxSeries = checkLimit(options.maxSeries, 'maxSeries', 0, 10_000);
    this.faults = new FaultLog(options.logger ?? console, this.store, this);
    warnOfUnknownOptions('Registry', options, REGISTRY_OPTIONS, (message) => this.faults.warn(message));
    const timeoutMs = checkLimit(options.collectTimeoutMs, 'collectTimeoutMs', 1, 5000);
    this.gatherer = new Gatherer(this.members, this.faults, timeoutMs);
    const { created = false, openMetrics2 = false, plainBounds = false } = options;
    this.settings = { prefix: '', defaultLabels: [], created, openMetrics2, plainBounds };
    if (options.contentType !== undefined) this.setContentType(options.contentType);
    if (options.prefix !== undefined) this.setPrefix(options.prefix);
    if (options.defaultLabels !== undefined) this.setDefaultLabels(options.defaultLabels);
  }

  /**
   * Registers a metric of promark, or one of another library that has prom-client's `get()`, which is called for each
   * page. Registering a metric twice has no effect. Throws ConflictError if another metric writes samples of the same
   * names, and ConfigError for anything that is not a metric.
   *
   * @example register.registerMetric(new promClient.Counter({ name: 'jobs_total', help: 'Jobs' }));
   */
  registerMetric<L extends string = string>(metric: MetricLike | Metric<L>): void {
    if (isNameless(metric)) {
      this.registerCollector(collectorFor(metric));
      return;
    }
    const added = this.members.add(metric);
    if (added === undefined) return;
    for (const observer of this.observers) observer.add(added, false);
  }

  /** @internal */
  faultAppeared(metric: Registrable): void {
    this.notify((observer) => observer.add(metric, true));
  }

  /**
   * Returns the metric of this name, and creates it if there is none. Throws ConflictError, which names both, if the
   * existing one is of another type or has other labels, buckets, quantiles or states.
   *
   * @example const hits = registry.getOrCreate(Counter, { name: 'hits_total', help: 'Hits' });
   */
  getOrCreate<C extends object, M extends Registrable>(type: new (config: C) => M, config: C): M {
    if (type?.prototype === undefined)
      throw new ConfigError(`getOrCreate takes the class of a metric, got ${show(type)}.`);
    const wanted = new type({ ...config, registers: [] });
    const existing = this.members.get(wanted.name);
    if (existing === undefined) return new type({ ...config, registers: [this] });
    checkSame(existing, wanted);
    return existing as M;
  }

  /** Registers a collector; the families that it yields are on every page. Registering it twice has no effect. */
  registerCollector(collector: Collector): void {
    if (typeof collector?.collect !== 'function' || typeof collector.name !== 'string') {
      throw new ConfigError(`A collector must have a name and a collect function, got ${show(collector)}.`);
    }
    this.notify((observer) => observer.addSource?.());
    this.gatherer.collectors.add(collector);
  }

  /** Removes a collector. Has no effect if it is not registered. */
  removeCollector(collector: Collector): void {
    this.gatherer.collectors.delete(collector);
  }

  /**
   * Renders a page for a scraper, in the format and with the escaping that its `Accept` header asks for; null stands for
   * none, as in `headers.get('accept')`.
   */
  async render(request?: string | RenderOptions | null): Promise<Page> {
    const options: RenderOptions = typeof request === 'string' ? { accept: request } : (request ?? {});
    return this.page(options, (families) => this.renderer.render(families, options));
  }

  /**
   * Calls `use` with all families, refreshed, for the live page. Until it is done, no other page reads merged sources.
   * @internal
   */
  live(use: (live: LiveFamilies) => Promise<void>): Promise<void> {
    return this.gatherer.use(this.selecting(), (all) => {
      const { prefix } = this.settings;
      return use({ families: inOrder(all), prefix, scope: this.gatherer.merging?.describeScope?.() });
    });
  }

  /**
   * Returns the page as a string in the registry's own format. In OpenMetrics, the suffix `_total` is added to a
   * counter's name that lacks it, as in prom-client; `render` keeps the name.
   */
  async metrics(options: Pick<RenderOptions, 'scope'> = {}): Promise<string> {
    const page = await this.page(options, (families) => this.renderer.renderOwn(inOrder(families), this.ownType));
    const { text } = page;
    page.release();
    return text;
  }

  /**
   * Sets whether pages include the values of worker threads. By default, those of the default registry do; has no
   * effect on others. In the main thread, it adds worker threads to the pages or removes them. In a worker thread,
   * `false` removes this thread's metrics from the pages of the main thread, permanently.
   *
   * @example register.setWorkerThreads(false);
   */
  setWorkerThreads(merged: boolean): void {
    checkFlag('workerThreads', merged);
    this.threadLink?.set(merged);
  }

  /**
   * Sets the link with the registries of other threads.
   * @internal
   */
  linkThreads(link: { set(merged: boolean): void }): void {
    this.threadLink = link;
  }

  /**
   * Whether pages include the values of other threads or processes.
   * @internal
   */
  get isMerged(): boolean {
    return this.gatherer.merging !== undefined;
  }

  /**
   * Whether pages show the registry's own metrics only: no families of collectors, and no values of other threads or
   * processes.
   * @internal
   */
  get hasOnlyMetrics(): boolean {
    return this.gatherer.collectors.size === 0 && !this.isMerged;
  }

  /**
   * The series of ended threads or processes, if they may be removed.
   * @internal
   */
  get ended(): EndedSeries | undefined {
    return this.gatherer.merging?.ended;
  }

  /**
   * Adds the values of other threads or processes to every page from now on; undefined stops that.
   * @internal
   */
  setMerging(merging: PageMerging | undefined): void {
    this.notify((observer) => observer.addSource?.());
    this.gatherer.merging = merging;
  }

  /**
   * Reports the current families and settings, and from now on all changes, to an observer. Returns a function that
   * removes it.
   * @internal
   */
  observe(observer: RegistryObserver): () => void {
    observer.configure(this.settings);
    for (const metric of this.members.all()) observer.add(metric, false);
    for (const metric of this.faults.metrics) observer.add(metric, true);
    this.observers.add(observer);
    return () => void this.observers.delete(observer);
  }

  /**
   * Refreshes families for a page that may be rendered in another thread: all, those with the given names, or those
   * that meet a condition.
   * @internal
   */
  prepare(wanted?: readonly string[] | ((family: FamilySource & Partial<Registrable>) => boolean)): Promise<Gathered> {
    return this.gatherer.gather(typeof wanted === 'function' ? wanted : this.selecting(wanted));
  }

  /** Returns snapshots of all families, with prefix and default labels. */
  async gather(options?: SnapshotOptions): Promise<FamilySnapshot[]> {
    return this.gatherer.use(this.selecting(), async (families) => {
      return inOrder(families).map((family) => this.renderer.snapshot(family, options));
    });
  }

  /**
   * Returns the metric of this name, as it was registered.
   *
   * @example
   * const requests = register.getSingleMetric('requests_total') as Counter<'method'>;
   * const build = register.getSingleMetric<Info>('build'); // a type that prom-client does not have
   */
  getSingleMetric<L extends string = string>(name: string): Metric<L> | undefined;
  getSingleMetric<M extends Registrable | ForeignMetric>(name: string): M | undefined;
  getSingleMetric(name: string): Registrable | ForeignMetric | undefined {
    const metric = this.members.get(name);
    return metric && originalOf(metric);
  }

  /** Returns the lines of one family, as in `metrics()`. Throws ConfigError if there is none. */
  async getSingleMetricAsString(name: string): Promise<string> {
    const metric = this.members.get(name);
    if (metric === undefined) throw new ConfigError(`Registry has no metric ${show(name)}.`);
    return this.getMetricsAsString(metric);
  }

  /** Returns the lines of one family, as in `metrics()`, without the final newline. */
  async getMetricsAsString(metric: MetricLike): Promise<string> {
    const registered = this.members.registered(metric) ?? toRegistrable(metric);
    const page = await this.gatherer.useOne(registered, (families) => {
      return this.gatherer.rendering(() => this.renderer.renderOwn(inOrder(families), this.ownType, false));
    });
    return page.text.trimEnd();
  }

  /** Returns all metrics, as they were registered; with an argument, those with this aggregator. */
  getMetricsAsArray(aggregator?: Aggregator): (Registrable | ForeignMetric)[] {
    const metrics = this.members.all();
    const wanted = aggregator === undefined ? metrics : metrics.filter((metric) => metric.aggregator === aggregator);
    return wanted.map(originalOf);
  }

  /** Returns all metrics with their values, in prom-client's form; with an argument, those with this aggregator. */
  async getMetricsAsJSON(aggregator?: Aggregator): Promise<MetricObject[]> {
    const objects = await this.gatherer.use(this.selecting(), async (families) => {
      return inOrder(families).map((family) => metricObject(family, this.jsonLabels));
    });
    return aggregator === undefined ? objects : objects.filter((object) => object.aggregator === aggregator);
  }

  /**
   * Removes the metric of this name from the registry. It can still be recorded on, but no page shows it. Series that
   * ended threads recorded under this name are removed too; those of running threads stay on the page.
   */
  removeSingleMetric(name: string): void {
    const metric = this.members.get(name);
    this.generation += 1;
    this.ended?.forget({ family: name });
    this.members.remove(name);
    if (metric !== undefined) this.notify((observer) => observer.remove(metric));
  }

  /** Removes the series with these label values from every family that has these labels. Returns how many were removed. */
  removeMatching(labels: { readonly [label: string]: LabelValue }): number {
    if (!isOptionsObject(labels))
      throw new ConfigError(`removeMatching takes an object of labels, got ${show(labels)}.`);
    let removed = 0;
    for (const metric of this.members.all()) {
      const fits = Object.keys(labels).every((label) => metric.labelNames.includes(label));
      if (fits) removed += metric.removeMatching(labels);
    }
    const matchers = Object.entries(labels).map(([label, value]) => [label, String(value)]);
    if (matchers.length > 0) this.ended?.forget({ labels: Object.fromEntries(matchers) });
    return removed;
  }

  /** Removes everything: metrics, collectors, default labels, counted faults and the series of ended threads. */
  clear(): void {
    this.removeAll();
    this.ended?.forget({});
  }

  private removeAll(): void {
    this.generation += 1;
    for (const metric of this.members.all()) this.notify((observer) => observer.remove(metric));
    this.members.clear();
    this.gatherer.collectors.clear();
    for (const metric of this.faults.metrics) this.notify((observer) => observer.remove(metric));
    this.faults.clear();
    this.setDefaultLabels({});
  }

  /**
   * Empties the registry temporarily, so that a test sees only what it creates. Returns a function that restores the
   * contents.
   * @internal
   */
  isolate(): () => void {
    const metrics = this.getMetricsAsArray();
    const collectors = [...this.gatherer.collectors];
    const { jsonLabels } = this;
    const { settings } = this;
    const defaults = isolateRunning(this);
    this.removeAll();
    this.setPrefix('');
    const faults = this.hideFaults();
    return () => {
      defaults();
      this.removeAll();
      this.hideFaults();
      this.set(settings);
      this.jsonLabels = jsonLabels;
      for (const metric of metrics) this.registerMetric(metric);
      for (const collector of collectors) this.registerCollector(collector);
      faults();
    };
  }

  /**
   * Describes the registry's families: type, unit, labels, buckets, the methods that record in them and their
   * objectives. Plain data without values, for tools that generate rules, dashboards or documentation.
   */
  manifest(): FamilyManifest[] {
    return manifestOf(this.members.all(), this.settings.prefix);
  }

  /** @internal */
  [INSPECT](): string {
    const names = this.members.all().map(({ name }) => name);
    const shown = names.slice(0, 10).join(', ');
    return `Registry (${names.length} metrics${shown && `: ${shown}`}${names.length > 10 ? ', …' : ''})`;
  }

  /** Resets every metric to its initial state, and removes the series of ended threads. */
  resetMetrics(): void {
    for (const metric of this.members.all()) {
      try {
        metric.reset();
      } catch (error) {
        this.faults.instrumentation(`resetting ${metric.name}`, error);
      }
    }
    this.ended?.forget({});
  }

  /** Sets labels for every series that has no label of the same name. */
  setDefaultLabels<T extends { readonly [K in keyof T]: LabelValue }>(labels: T): void {
    const defaultLabels = checkDefaultLabels(labels);
    this.set({ ...this.settings, defaultLabels });
    this.jsonLabels = Object.fromEntries(
      defaultLabels.map(([name, text]) => {
        const value: unknown = labels[name as keyof T];
        return [name, typeof value === 'number' ? value : text];
      }),
    );
  }

  /** Sets the prefix of all family names on the page, such as `'shop_'`. Throws ConfigError if it is invalid. */
  setPrefix(prefix: string): void {
    if (prefix !== '') checkMetricName(prefix);
    this.set({ ...this.settings, prefix });
  }

  /**
   * Sets whether to print bounds and ranks as prom-client does; see the option `plainBounds`. Throws ConfigError if the
   * registry's content type is OpenMetrics.
   *
   * @example register.setPlainBounds(true);
   */
  setPlainBounds(plainBounds: boolean): void {
    checkFlag('plainBounds', plainBounds);
    checkPlainBounds(plainBounds, this.ownType);
    this.set({ ...this.settings, plainBounds });
  }

  /** The format of `metrics()`. */
  get contentType(): RegistryContentType {
    return this.ownType;
  }

  /** Sets the format of `metrics()`; `render` negotiates with the scraper. Throws ConfigError for any other type. */
  setContentType(contentType: string): void {
    const known = checkContentType(contentType);
    checkPlainBounds(this.settings.plainBounds, known);
    this.ownType = known;
  }

  /** The default registry, under prom-client's name. */
  static get globalRegistry(): Registry {
    return defaultRegistry(() => new Registry());
  }

  /**
   * Returns a registry with the metrics of several registries, which are shared, not copied. Throws ConfigError if
   * their content types differ.
   */
  static merge(registries: readonly Registry[]): Registry {
    const types = registries.map((registry) => registry?.contentType);
    const [contentType = prometheusContentType] = types;
    const other = types.findIndex((type) => type !== contentType);
    if (other >= 0) {
      throw new ConfigError(
        'Registers can only be merged if they have the same content type: there are ' +
          `"${contentType}" and ${show(types[other] ?? registries[other])}. Call setContentType() on one of them.`,
      );
    }
    const merged = new Registry(contentType);
    for (const registry of registries) {
      for (const metric of registry.getMetricsAsArray()) merged.registerMetric(metric);
      for (const collector of registry.gatherer.collectors) merged.registerCollector(collector);
    }
    return merged;
  }

  /**
   * Returns a registry that merges the results of `getMetricsAsJSON()` of several registries: series with the same name
   * and labels are combined by the metric's `aggregate` or, without it, its `aggregator`. Default: their sum. Quantiles
   * of summaries cannot be merged, and are left out unless they are the same.
   */
  static aggregate(lists: readonly object[], contentType?: string): Registry {
    const registry = new Registry(contentType);
    for (const metric of aggregate(lists)) {
      registry.registerMetric({ ...metric, get: () => metric });
    }
    return registry;
  }

  /** Renders a page of the families that the options select. */
  private page({ names, scope }: RenderOptions, render: (families: PageFamilies) => Promise<Page>): Promise<Page> {
    const draw = (families: PageFamilies) => this.gatherer.rendering(() => render(families));
    return this.gatherer.use(this.selecting(names), draw, scope);
  }

  /** Whether a page shows a family: all do, or those with the given names. */
  private selecting(names?: readonly string[]): (family: FamilySource) => boolean {
    return (family) => isSelected(family, this.settings.prefix, names);
  }

  /** Created for the first page, because many programs only record. */
  private get renderer(): PageRenderer {
    this.pages ??= createPageRenderer(this.settings);
    this.pages.settings = this.settings;
    return this.pages;
  }

  /** Removes the metrics of the fault log from the page. Returns a function that restores them. */
  private hideFaults(): () => void {
    for (const metric of this.faults.metrics) this.notify((observer) => observer.remove(metric));
    return this.faults.isolate();
  }

  private set(settings: PageSettings): void {
    this.settings = settings;
    this.notify((observer) => observer.configure(settings));
  }

  private notify(event: (observer: RegistryObserver) => void): void {
    for (const observer of this.observers) event(observer);
  }
}
