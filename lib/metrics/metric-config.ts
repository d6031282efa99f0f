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
  const raw = config as Record<string, unknown>;
  checkHelp(raw.help, name);
  const checked = {
    name,
    help: raw.help,
    unit: checkUnit(raw.unit, name, type),
    labelNames: checkLabelNames(raw.labelNames, name, reserved),
    maxSeries: checkMaxSeries(raw.maxSeries, name),
    aggregator: checkAggregator(raw.aggregator, name),
    enableExemplars: Boolean(raw.enableExemplars),
    isOfProcess: Boolean(raw.isOfProcess),
    collect: checkCollect(raw.collect, name),
    registries: checkRegisters(raw.registers, name) ?? defaultRegistries(),
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

function checkUnit(unit: unknown, name: string, type: FamilyType): string {
  if (unit === undefined || unit === '') return '';
  if (typeof unit !== 'string') throw new ConfigError(`Metric "${name}": unit must be a string, got ${show(unit)}.`);
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

function checkLabelNames(labelNames: unknown, name: string, reserved: readonly string[]): readonly string[] {
  if (labelNames === undefined) return [];
  if (!Array.isArray(labelNames)) {
    throw new ConfigError(`Metric "${name}": labelNames must be an array of strings, got ${show(labelNames)}.`);
  }
  const names: readonly unknown[] = labelNames.slice();
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

function checkMaxSeries(maxSeries: unknown, name: string): number | undefined {
  if (maxSeries === undefined) return undefined;
  if (typeof maxSeries === 'number' && Number.isInteger(maxSeries) && maxSeries >= 0) return maxSeries;
  throw new ConfigError(
    `Metric "${name}": maxSeries must be a whole number, or 0 for no limit, got ${show(maxSeries)}.`,
  );
}

function checkAggregator(aggregator: unknown, name: string): Aggregator {
  if (aggregator === undefined) return 'sum';
  if (AGGREGATORS.includes(aggregator as Aggregator)) return aggregator as Aggregator;
  throw new ConfigError(
    `Metric "${name}": aggregator must be one of ${AGGREGATORS.join(', ')}, got ${show(aggregator)}.`,
  );
}

function checkCollect(collect: unknown, name: string): (() => void | Promise<void>) | undefined {
  if (collect === undefined || typeof collect === 'function') return collect as Checked['collect'];
  throw new ConfigError(`Metric "${name}": collect must be a function, got ${show(collect)}.`);
}

function checkRegisters(registers: unknown, name: string): readonly MetricRegistry[] | undefined {
  if (registers === undefined || registers === null) return undefined;
  const registries = Array.isArray(registers)
    ? (registers as (Partial<MetricRegistry> | null | undefined)[])
    : [undefined];
  if (registries.every((registry) => typeof registry?.registerMetric === 'function'))
    return registries.slice() as MetricRegistry[];
  throw new ConfigError(`Metric "${name}": registers must be an array of registries, got ${show(registers)}.`);
}
