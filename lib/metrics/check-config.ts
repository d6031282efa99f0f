import { ConfigError, show } from '../model/errors.js';
import { checkHelp, checkLabelName, checkMetricName } from '../model/names.js';

interface Checked {
  readonly name: string;
  readonly help: string;
  readonly unit: string;
  readonly labelNames: readonly string[];
  readonly maxSeries: number | undefined;
}

/**
 * Checks what all metrics have in common and copies it, so that the caller's objects stay the caller's.
 * `reserved` are label names that the type writes itself (`le`, `quantile`). Throws ConfigError.
 */
export function checkConfig(config: unknown, reserved: readonly string[], total: boolean): Checked {
  if (typeof config !== 'object' || config === null) {
    throw new ConfigError(`A metric is made from an object with a name and a help text, not from ${show(config)}.`);
  }
  const { name, help, unit, labelNames, maxSeries } = config as Record<string, unknown>;
  checkMetricName(name);
  checkHelp(help, name);
  return {
    name,
    help,
    unit: checkUnit(unit, name, total),
    labelNames: checkLabelNames(labelNames, name, reserved),
    maxSeries: checkMaxSeries(maxSeries, name),
  };
}

function checkUnit(unit: unknown, name: string, total: boolean): string {
  if (unit === undefined || unit === '') return '';
  if (typeof unit !== 'string') throw new ConfigError(`Metric "${name}": the unit is a text, not ${show(unit)}.`);
  const stem = total && name.endsWith('_total') ? name.slice(0, -'_total'.length) : name;
  if (!stem.endsWith(`_${unit}`)) {
    // OpenMetrics 1.0, section MetricFamily: a unit must be a suffix of the name; Prometheus refuses the page otherwise.
    const better = stem === name ? `${stem}_${unit}` : `${stem}_${unit}_total`;
    throw new ConfigError(
      `Metric "${name}" has the unit "${unit}", so its name has to end in it: call it "${better}".`,
    );
  }
  return unit;
}

function checkLabelNames(labelNames: unknown, name: string, reserved: readonly string[]): readonly string[] {
  if (labelNames === undefined) return [];
  if (!Array.isArray(labelNames)) {
    throw new ConfigError(`Metric "${name}": labelNames is an array of names, not ${show(labelNames)}.`);
  }
  const names: string[] = [];
  for (const label of labelNames as unknown[]) {
    checkLabelName(label, name);
    if (names.includes(label)) throw new ConfigError(`Metric "${name}" has the label "${label}" twice.`);
    if (reserved.includes(label)) {
      throw new ConfigError(
        `Metric "${name}": the label "${label}" is written by the metric itself; name yours otherwise.`,
      );
    }
    names.push(label);
  }
  return names;
}

function checkMaxSeries(maxSeries: unknown, name: string): number | undefined {
  if (maxSeries === undefined) return undefined;
  if (typeof maxSeries === 'number' && Number.isInteger(maxSeries) && maxSeries >= 0) return maxSeries;
  throw new ConfigError(`Metric "${name}": maxSeries is a whole number, 0 for no limit, not ${show(maxSeries)}.`);
}
