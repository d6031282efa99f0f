import { ConfigError, LabelError, show } from '../model/errors.js';
import type { FamilySnapshot, Sample } from '../model/family.js';
import {
  type CurriedLabels,
  type LabelName,
  type LabelSpec,
  type Labels,
  type LabelValue,
  labelObject,
  type NoLabels,
  type RecordingArguments,
  type SeriesLabels,
  type SeriesValues,
  type SomeLabels,
  type SpreadValues,
  toLabelString,
  type WithoutLabels,
} from '../model/labels.js';
import { checkLabelName, legacyLabelName } from '../model/names.js';
import type { OptionNames } from '../model/options.js';
import { type MetricObject, metricObject } from '../promclient/metric-object.js';
import { SeriesIndex } from '../store/series-index.js';
import type { Curried } from './family.js';
import { inspectMetric } from './inspect.js';
import { LabelReader } from './label-reader.js';
import { checkConfig, type MetricConfig } from './metric-config.js';
import { type Registrable, registerIn } from './metric-registry.js';
import { INSPECT } from './recording.js';

/** Options of an Info. */
export interface InfoConfig<L extends LabelSpec>
  extends Pick<MetricConfig<L, Info<L>>, 'name' | 'help' | 'labelNames' | 'registers' | 'collect'> {}

const OPTIONS: OptionNames<InfoConfig<LabelSpec>> = {
  name: true,
  help: true,
  labelNames: true,
  registers: true,
  collect: true,
};

/** The labels that an Info adds, by name. */
export type InfoValues = { readonly [name: string]: LabelValue };

/**
 * Strings that do not change while the process runs, such as its version: one sample with these as labels and the value 1.
 * The sample's name is that of the family with the suffix `_info`. Formats without this type show a gauge.
 *
 * @example
 * new Info({ name: 'build', help: 'Build' }).info({ version: '1.2.3' }); // build_info{version="1.2.3"} 1
 */
export class Info<L extends LabelSpec = NoLabels> implements Extract<Registrable, { kind: 'snapshot' }> {
  readonly kind = 'snapshot';
  /** Without `_info`. */
  readonly name: string;
  readonly help: string;
  readonly type = 'info';
  readonly unit = '';
  readonly labelNames: readonly string[];
  private collecting: (() => void | Promise<void>) | undefined;
  /** All labels of the series, including those set by `curry`. */
  private readonly allLabelNames: readonly string[];
  private readonly reader: LabelReader;
  private readonly watchers = new Set<() => void>();
  private readonly series = new Map<string, { readonly labelValues: readonly string[]; readonly values: InfoLabels }>();

  constructor(config: InfoConfig<L>) {
    const { name, help, labelNames, collect, registries } = checkConfig(config, { type: 'info', options: OPTIONS });
    this.name = name.endsWith('_info') ? name.slice(0, -'_info'.length) : name;
    this.help = help;
    this.labelNames = labelNames;
    this.allLabelNames = labelNames;
    this.collecting = collect;
    if (this.name === '') throw new ConfigError('Info "_info" must have a name before "_info", such as "build_info".');
    this.reader = new LabelReader(this.name, labelNames, new SeriesIndex(labelNames.length));
    registerIn(registries, this);
  }

  /** Called before every page; the function from the configuration. */
  collect?(): void | Promise<void>;

  // Declared as a method, because TypeScript lets no subclass override an accessor by a method or a field.
  get ['collect' as string](): (() => void | Promise<void>) | undefined {
    return this.collecting;
  }

  set ['collect' as string](collect: (() => void | Promise<void>) | undefined) {
    this.announceRefresh();
    this.collecting = collect;
  }

  /**
   * Sets the strings, and replaces those set before. Throws LabelError for labels that the family does not have and for
   * values that are not strings, numbers or booleans, and ConfigError for invalid label names.
   */
  info(...info: RecordingArguments<L, [labels: Labels<L>, values: InfoValues], [values: InfoValues]>): void;
  info(first: object, second?: InfoValues): void {
    if (second === undefined) this.setValues(this.reader.valuesOf([{}]), first as InfoValues);
    else this.setValues(this.reader.valuesOf([first]), second);
  }

  /** The series of some label values: `labels('eu').info({ version: '1' })`. */
  labels(labels: SeriesLabels<L>): { info(values: InfoValues): void };
  labels(...values: SeriesValues<L>): { info(values: InfoValues): void };
  labels<V extends readonly unknown[]>(...values: SpreadValues<L, V>): { info(values: InfoValues): void };
  labels(...args: readonly unknown[]): { info(values: InfoValues): void } {
    const labelValues = this.reader.valuesOf(args);
    return { info: (values) => this.setValues(labelValues, values) };
  }

  /** Removes the series with these label values. */
  remove(labels: SeriesLabels<L>): void;
  remove(...values: SeriesValues<L>): void;
  remove<V extends readonly unknown[]>(...values: SpreadValues<L, V>): void;
  remove(...args: readonly unknown[]): void {
    this.series.delete(JSON.stringify(this.reader.valuesOf(args)));
    this.changed();
  }

  /** Removes every series whose labels have all the given values. Returns how many were removed. */
  removeMatching(labels: SomeLabels<L> | { readonly [label: string]: LabelValue }): number {
    const wanted = this.reader.partOfObject(labelObject(labels, this.name));
    if (this.allLabelNames.length === 0) return 0;
    const before = this.series.size;
    for (const [key, { labelValues }] of this.series) {
      if (wanted.every(([position, text]) => labelValues[position] === text)) this.series.delete(key);
    }
    if (this.series.size < before) this.changed();
    return before - this.series.size;
  }

  /**
   * Returns this metric with some labels already set; calls take only the others. Both share their series. Throws
   * LabelError for an unknown label.
   *
   * @example const eu = build.curry({ region: 'eu' }); eu.info({ version: '1.2.3' });
   */
  curry<K extends LabelName<L>>(labels: CurriedLabels<L, K>): Curried<Info<WithoutLabels<L, K>>> {
    const reader = this.reader.curry(labelObject(labels, this.name));
    const copy = { ...this, reader, labelNames: reader.labelNames, kind: 'curried' };
    return Object.setPrototypeOf(copy, Object.getPrototypeOf(this)) as Curried<Info<WithoutLabels<L, K>>>;
  }

  /** Removes everything that was set. */
  reset(): void {
    this.series.clear();
    this.changed();
  }

  /** The metric with all its values, in prom-client's form. Runs `collect` first. */
  async get(): Promise<MetricObject> {
    await this.collect?.();
    return metricObject(this);
  }

  /** @internal */
  [INSPECT](): string {
    return inspectMetric(this);
  }

  /** @internal */
  get refresh(): (() => void | Promise<void>) | undefined {
    return this.collect;
  }

  /** @internal */
  announceRefresh(): void {
    this.changed();
  }

  /**
   * Calls `changed` whenever the strings change. Returns a function that removes it.
   * @internal
   */
  watch(changed: () => void): () => void {
    this.watchers.add(changed);
    return () => void this.watchers.delete(changed);
  }

  get sampleNames(): readonly string[] {
    return [`${this.name}_info`];
  }

  snapshot(): FamilySnapshot {
    const { name, help, type, unit, allLabelNames } = this;
    const samples = Array.from(this.series.values(), ({ labelValues, values }): Sample => {
      const labels: Record<string, string> = {};
      allLabelNames.forEach((label, i) => {
        if (labelValues[i] !== '') labels[label] = labelValues[i];
      });
      return { name: `${name}_info`, labels: { ...labels, ...values }, value: 1 };
    });
    return { name, help, type, unit, samples };
  }

  private setValues(labelValues: readonly string[], infoValues: InfoValues): void {
    if (typeof infoValues !== 'object' || infoValues === null) {
      throw new LabelError(
        `Info "${this.name}" must be set to an object of names and values, got ${show(infoValues)}.`,
      );
    }
    const values: Record<string, string> = {};
    const seen = new Map(this.allLabelNames.map((label) => [legacyLabelName(label), label]));
    for (const [name, value] of Object.entries(infoValues)) {
      checkLabelName(name, this.name);
      const rival = seen.get(legacyLabelName(name));
      if (rival !== undefined) throw this.duplicateLabelError(rival, name);
      seen.set(legacyLabelName(name), name);
      const text = toLabelString(value, name, this.name);
      if (text !== '') values[name] = text;
    }
    this.series.set(JSON.stringify(labelValues), { labelValues, values });
    this.changed();
  }

  private changed(): void {
    for (const watcher of this.watchers) watcher();
  }

  private duplicateLabelError(rival: string, name: string): LabelError {
    if (rival === name) return new LabelError(`Info "${this.name}" has the label "${name}" already.`);
    return new LabelError(
      `Info "${this.name}": "${rival}" and "${name}" would be one label for scrapers that know only letters, digits and ` +
        'underscores; rename one.',
    );
  }
}

type InfoLabels = Readonly<Record<string, string>>;
