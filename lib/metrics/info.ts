import { ConfigError, LabelError, show } from '../model/errors.js';
import type { FamilySnapshot, Sample } from '../model/family.js';
import { type LabelSpec, type Labels, type LabelTuple, type LabelValue, labelText } from '../model/labels.js';
import { checkLabelName } from '../model/names.js';
import { checkConfig } from './check-config.js';
import type { MetricConfig } from './config.js';
import { currentHome, type SnapshotSource } from './home.js';

/** What an Info is made from. */
export interface InfoConfig<L extends LabelSpec>
  extends Pick<MetricConfig<L, Info<L>>, 'name' | 'help' | 'labelNames' | 'registers' | 'collect'> {}

/** What an Info says: any texts by any names. */
export type InfoValues = { readonly [name: string]: LabelValue };

/**
 * Texts that do not change while the process runs, such as its version: one line whose labels hold them and whose value
 * is 1. The line's name is the family's with `_info` behind it. Formats without the type show a gauge.
 *
 * @example
 * new Info({ name: 'build', help: 'Build' }).info({ version: '1.2.3' }); // build_info{version="1.2.3"} 1
 */
export class Info<const L extends LabelSpec = readonly []> implements SnapshotSource {
  /** Without `_info`. */
  readonly name: string;
  readonly help: string;
  readonly type = 'info';
  readonly unit = '';
  readonly labelNames: readonly string[];
  /** Called before every page; the function that was given in the config. */
  collect: (() => void | Promise<void>) | undefined;
  private readonly series = new Map<
    string,
    { readonly labels: Record<string, string>; values: Record<string, string> }
  >();

  constructor(config: InfoConfig<L>) {
    const { name, help, labelNames } = checkConfig(config, [], false);
    this.name = name.endsWith('_info') ? name.slice(0, -'_info'.length) : name;
    this.help = help;
    this.labelNames = labelNames;
    this.collect = config.collect as (() => void | Promise<void>) | undefined;
    if (this.name === '') throw new ConfigError('Info "_info" needs a name before its "_info", such as "build_info".');
    const home = currentHome();
    for (const place of config.registers ?? (home === undefined ? [] : [home])) place.registerMetric(this);
  }

  /** Says what there is to say, in place of what was said before. Throws LabelError for what cannot be a label. */
  info(values: InfoValues): void;
  info(labels: Labels<L>, values: InfoValues): void;
  info(first: InfoValues | Labels<L>, second?: InfoValues): void {
    if (second === undefined) this.say([], first);
    else
      this.say(
        this.labelNames.map((label) => (first as InfoValues)[label]),
        second,
      );
  }

  /** The series of some label values: `labels('eu').info({ version: '1' })`. */
  labels(...values: LabelTuple<L>): { info(values: InfoValues): void };
  labels(labels: Labels<L>): { info(values: InfoValues): void };
  labels(...given: readonly unknown[]): { info(values: InfoValues): void } {
    const first = given[0];
    const values =
      typeof first === 'object' && first !== null ? this.labelNames.map((l) => (first as InfoValues)[l]) : given;
    return { info: (said) => this.say(values, said) };
  }

  /** Takes the series of some label values off the page. */
  remove(...values: LabelTuple<L>): void {
    this.series.delete(this.keyOf(values));
  }

  /** Takes everything back that was said. */
  reset(): void {
    this.series.clear();
  }

  get refresh(): (() => void | Promise<void>) | undefined {
    return this.collect;
  }

  snapshot(): FamilySnapshot {
    const { name, help, type, unit } = this;
    const samples = [...this.series.values()].map(({ labels, values }): Sample => {
      return { name: `${name}_info`, labels: { ...labels, ...values }, value: 1 };
    });
    return { name, help, type, unit, samples };
  }

  private say(labelValues: readonly unknown[], said: InfoValues): void {
    if (typeof said !== 'object' || said === null) {
      throw new LabelError(`Info "${this.name}" takes an object of names and texts, not ${show(said)}.`);
    }
    const values: Record<string, string> = {};
    for (const [name, value] of Object.entries(said)) {
      checkLabelName(name, this.name);
      if (this.labelNames.includes(name)) throw new LabelError(`Info "${this.name}" has the label "${name}" already.`);
      const text = labelText(value, name, this.name);
      if (text !== '') values[name] = text;
    }
    const labels: Record<string, string> = {};
    this.labelNames.forEach((label, i) => {
      const text = labelText(labelValues[i], label, this.name);
      if (text !== '') labels[label] = text;
    });
    this.series.set(this.keyOf(labelValues), { labels, values });
  }

  private keyOf(values: readonly unknown[]): string {
    return JSON.stringify(this.labelNames.map((label, i) => labelText(values[i], label, this.name)));
  }
}
