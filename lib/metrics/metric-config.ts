import { AGGREGATORS } from '../model/aggregation.js';
import { ConfigError, show } from '../model/errors.js';
import { type FamilyType, TYPE_RULES } from '../model/family-types.js';
import type { LabelNames, LabelSpec } from '../model/labels.js';
import {
  checkHelp,
  checkLabelName,
  checkMetricName,
  isLegacyLabelName,
  isLegacyMetricName,
  legacyLabelName,
  warningsOfNames,
} from '../model/names.js';
import { areKnown, type OptionNames, warnOfUnknownOptions } from '../model/options.js';
import type { Aggregator } from '../promclient/metric-object.js';
import { defaultRegistries, type MetricRegistry } from './metric-registry.js';

/** Options of every metric. */
export interface MetricConfig<L extends LabelSpec, Self> {
  /** The name on the page, unit and `_total` included: `http_request_duration_seconds`. */
  readonly name: string;
  /** One sentence that says what is measured. */
  readonly help: string;
  /** The names of the labels, in the order in which `labels('GET', '/')` takes their values. Default: none. */
  readonly labelNames?: LabelNames<L>;
  /**
   * The unit, such as `seconds` or `bytes`, with which the name must end (before a counter's `_total`). Default: none.
   */
  readonly unit?: string;
  /** Where the metric is registered. Default: the default registry; `[]` for nowhere. */
  readonly registers?: readonly MetricRegistry[];
  /** Called before every page, to bring values up to date. May be async; `this` is the metric. */
  readonly collect?: (this: Self) => void | Promise<void>;
  /** Maximum number of series; further ones are recorded on one overflow series. Default: the registry's (10 000); 0: no limit. */
  readonly maxSeries?: number;
  /** How prom-client merges the metric over a cluster. Default: `sum`. */
  readonly aggregator?: Aggregator;
  /** Whether recording calls may carry an exemplar. Default: false. */
  readonly enableExemplars?: boolean;
  /**
   * Whether the metric describes the process as a whole, such as its memory. Pages that add up threads then show that
   * of the main thread only. Default: false.
   */
  readonly isOfProcess?: boolean;
}

/** The options that all metrics have in common. */
export const COMMON_OPTIONS: OptionNames<MetricConfig<LabelSpec, never>> = {
  name: true,
  help: true,
  labelNames: true,
  unit: true,
  registers: true,
  collect: true,
  maxSeries: true,
  aggregator: true,
  enableExemplars: true,
  isOfProcess: true,
};

/** The parts of a configuration check that depend on the metric type. */
export interface ConfigPlan {
  readonly type: FamilyType;
  /** The options of the type, by name. */
  readonly options: object;
  /** Label names that the type writes itself (`le`, `quantile`). Default: none. */
  readonly reserved?: readonly string[];
}

const NONE: readonly string[] = [];

/** A configuration that nobody has checked, but for its name. */
type Raw = Readonly<Record<string, unknown>>;

interface Checked {
  readonly name: string;
  readonly help: string;
  readonly unit: string;
  readonly labelNames: readonly string[];
  readonly maxSeries: number | undefined;
  readonly aggregator: Aggregator;
  readonly enableExemplars: boolean;
  readonly isOfProcess: boolean;
  readonly collect: (() => void | Promise<void>) | undefined;
  /** The default registry if none is named. */
  readonly registries: readonly MetricRegistry[];
}

/**
 * Checks the options that all metrics have and copies them, so that later changes to the caller's object have no
 * effect. Unknown options, which prom-client accepts, and suspicious names are only logged. Throws ConfigError.
 */
export function checkConfig(config: unknown, { type, options, reserved = NONE }: ConfigPlan): Checked {
  const name = checkNameOf(config);
  const raw = config as Raw;
  checkHelp(raw.help, name);
  const checked = {
    name,
    help: raw.help,
    unit: checkUnit(optionOf<string>(raw, 'unit', 'a string', isString) ?? '', name, type),
    labelNames: checkLabelNames(
      optionOf(raw, 'labelNames', 'an array of strings', Array.isArray) ?? NONE,
      name,
      reserved,
    ),
    maxSeries: optionOf<number>(raw, 'maxSeries', 'a whole number, or 0 for no limit', isCount),
    aggregator: optionOf<Aggregator>(raw, 'aggregator', `one of ${AGGREGATORS.join(', ')}`, isAggregator) ?? 'sum',
    enableExemplars: flagOf(raw, 'enableExemplars'),
    isOfProcess: flagOf(raw, 'isOfProcess'),
    collect: optionOf<() => void | Promise<void>>(raw, 'collect', 'a function', isFunction),
    registries:
      optionOf<readonly MetricRegistry[] | null>(raw, 'registers', 'an array of registries', isRegistries)?.slice() ??
      defaultRegistries(),
  };
  const { labelNames, registries } = checked;
  if (!areKnown(raw, options)) {
    warnOfUnknownOptions(`Metric "${name}"`, raw, options, (message) => registries[0]?.faults.warn?.(message));
  }
  if (!isLegacyMetricName(name) || !labelNames.every(isLegacyLabelName)) {
    checkEscaped(labelNames, name, reserved);
    for (const warning of warningsOfNames(name, labelNames)) registries[0]?.faults.warn?.(warning);
  }
  return checked;
}

/**
 * Returns the name of the metric, for checks that precede the others. Throws ConfigError if it is missing or invalid.
 */
export function checkNameOf(config: unknown): string {
  if (typeof config !== 'object' || config === null) {
    throw new ConfigError(`Metric configuration must be an object with name and help, got ${show(config)}.`);
  }
  const { name } = config as Record<string, unknown>;
  checkMetricName(name);
  return name;
}

function checkUnit(unit: string, name: string, type: FamilyType): string {
  if (unit === '') return '';
  const { mayHaveUnit, requiredSuffix } = TYPE_RULES[type];
  if (!mayHaveUnit) {
    // OpenMetrics 1.0, sections Info and StateSet: the unit must be empty.
    throw new ConfigError(
      `Metric "${name}" cannot have a unit, because its values are not quantities; omit "${unit}".`,
    );
  }
  const end = name.endsWith(requiredSuffix) ? requiredSuffix : '';
  const stem = name.slice(0, name.length - end.length);
  if (!stem.endsWith(`_${unit}`)) {
    // OpenMetrics 1.0, section MetricFamily: a unit must be a suffix of the name; Prometheus refuses the page otherwise.
    throw new ConfigError(
      `Metric "${name}" has the unit "${unit}", which its name must end with: name it "${stem}_${unit}${end}".`,
    );
  }
  return unit;
}

function checkLabelNames(labelNames: readonly unknown[], name: string, reserved: readonly string[]): readonly string[] {
  const names = labelNames.slice();
  for (let i = 0; i < names.length; i++) {
    const label = names[i];
    checkLabelName(label, name);
    if (names.indexOf(label) < i) throw new ConfigError(`Metric "${name}" has the label "${label}" twice.`);
    if (reserved.includes(label)) {
      throw new ConfigError(
        `Metric "${name}": label "${label}" is reserved for this type of metric; choose another name.`,
      );
    }
  }
  return names.map(internalized);
}

/**
 * Returns the same string as the engine keeps it for property names, which those of label objects are: two of these are
 * compared by address, but a name that was computed at run time would be compared character by character in each call.
 */
function internalized(name: unknown): string {
  return Object.keys({ [name as string]: 0 })[0];
}

/** Throws ConfigError if two labels would have the same name once they are escaped. */
function checkEscaped(labelNames: readonly string[], name: string, reserved: readonly string[]): void {
  const seen = new Map(reserved.map((label) => [legacyLabelName(label), label]));
  for (const label of labelNames) {
    const rival = seen.get(legacyLabelName(label));
    if (rival !== undefined) {
      throw new ConfigError(
        `Metric "${name}": the labels "${rival}" and "${label}" would be one for scrapers that know only letters, digits ` +
          'and underscores; rename one.',
      );
    }
    seen.set(legacyLabelName(label), label);
  }
}

/** Checks an option that is true or false, and false by default. Throws ConfigError. */
export function flagOf(config: object, option: string): boolean {
  return optionOf<boolean>(config as Raw, option, 'true or false', (flag) => typeof flag === 'boolean') ?? false;
}

/** `checkOption` and its rules would add 300 bytes to every bundle with a metric. */
function optionOf<T>(raw: Raw, option: string, expected: string, accepts: (value: unknown) => boolean): T | undefined {
  const value = raw[option];
  if (value === undefined || accepts(value)) return value as T | undefined;
  throw new ConfigError(`Metric "${raw.name}": ${option} must be ${expected}, got ${show(value)}.`);
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0;
}

function isAggregator(value: unknown): boolean {
  return AGGREGATORS.includes(value as Aggregator);
}

function isString(value: unknown): boolean {
  return typeof value === 'string';
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}

/** In prom-client, null means the default registry. */
function isRegistries(value: unknown): boolean {
  const isRegistry = (one: Partial<MetricRegistry> | undefined): boolean => typeof one?.registerMetric === 'function';
  return value === null || (Array.isArray(value) && value.every(isRegistry));
}
