import { ConfigError, show } from './errors.js';

const LEGACY_METRIC = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LEGACY_LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
// Half a surrogate pair has no UTF-8 form, so no format can carry it.
const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/** The last name that passed: that of a new metric is checked several times. */
let lastMetric = '_';

/** Whether a metric name needs neither quotes nor escaping: `[a-zA-Z_:][a-zA-Z0-9_:]*`. */
export function isLegacyMetricName(name: string): boolean {
  if (name === lastMetric) return true;
  const isLegacy = LEGACY_METRIC.test(name);
  if (isLegacy) lastMetric = name;
  return isLegacy;
}

/** Label names that passed: metrics share many, and a look-up takes a fifth of the time of the regular expression. */
const legacyLabels = new Set<string>();
const MAX_LABELS = 1000;

/** Whether a label name needs neither quotes nor escaping: `[a-zA-Z_][a-zA-Z0-9_]*`. */
export function isLegacyLabelName(name: string): boolean {
  if (legacyLabels.has(name)) return true;
  const isLegacy = LEGACY_LABEL.test(name);
  if (isLegacy && legacyLabels.size < MAX_LABELS) legacyLabels.add(name);
  return isLegacy;
}

/** Whether a string has a UTF-8 form. */
export function isWellFormed(text: string): boolean {
  return (text as Text).isWellFormed();
}

export function areWellFormed(strings: readonly string[]): boolean {
  for (let i = 0; i < strings.length; i++) if (!isWellFormed(strings[i])) return false;
  return true;
}

/** A method of ES2024 that every supported runtime has. */
type Text = string & { isWellFormed(): boolean };

/** Returns the string as it appears on the page: with U+FFFD in place of lone surrogates, which have no UTF-8 form. */
export function wellFormed(text: string): string {
  return isWellFormed(text) ? text : text.replace(new RegExp(LONE_SURROGATE, 'g'), '\uFFFD');
}

/** Returns a label name as it is served to scrapers that only support `[a-zA-Z_][a-zA-Z0-9_]*`. */
export function legacyLabelName(name: string): string {
  return isLegacyLabelName(name) ? name : name.replace(/[^a-zA-Z0-9_]/gu, '_').replace(/^[0-9]/, '_');
}

/**
 * Throws ConfigError unless the value can be a metric name. Since Prometheus 3, any non-empty string with a UTF-8 form
 * can; older scrapers are served an escaped name.
 */
export function checkMetricName(name: unknown): asserts name is string {
  if (typeof name === 'string' && isLegacyMetricName(name)) return;
  if (typeof name !== 'string') throw new ConfigError(`Metric name must be a string, got ${show(name)}.`);
  if (name === '') throw new ConfigError('Metric name must not be empty; use one such as "http_requests_total".');
  if (!isWellFormed(name))
    throw new ConfigError(`Metric name ${show(name)} contains a lone surrogate, which has no UTF-8 form.`);
}

/** Dotted names, as in OpenTelemetry, for which UTF-8 names were introduced: they are no mistake. */
const DOTTED = /^[a-zA-Z_][a-zA-Z0-9_]*(\.[a-zA-Z_][a-zA-Z0-9_]*)+$/;

/**
 * Warnings about names such as `my-metric` or `1x`, which are allowed but usually mistakes: queries must quote them,
 * and older scrapers are served other names. Dotted names cause none.
 */
export function warningsOfNames(metric: string, labels: readonly string[]): string[] {
  const warnings: string[] = [];
  if (!isLegacyMetricName(metric)) {
    const plain = metric.replace(/[^a-zA-Z0-9_:]/gu, '_').replace(/^[0-9]/, '_');
    if (!DOTTED.test(metric)) warnings.push(warningOf(`Metric name ${show(metric)}`, plain));
  }
  for (const label of labels) {
    if (isLegacyLabelName(label) || DOTTED.test(label)) continue;
    warnings.push(warningOf(`Metric ${show(metric)}: label name ${show(label)}`, legacyLabelName(label)));
  }
  return warnings;
}

function warningOf(name: string, plain: string): string {
  return (
    `${name} is not made of letters, digits and underscores only: it has to be quoted in queries, and scrapers older ` +
    `than Prometheus 3 see ${show(plain)}. Unless that is intended, name it ${show(plain)}.`
  );
}

/** Throws ConfigError unless the value can be a label name. Names that begin with `__` are reserved for Prometheus. */
export function checkLabelName(label: unknown, family: string): asserts label is string {
  if (typeof label === 'string' && isLegacyLabelName(label) && !label.startsWith('__')) return;
  const where = `Metric ${show(family)}`;
  if (typeof label !== 'string') throw new ConfigError(`${where}: label name must be a string, got ${show(label)}.`);
  if (label === '') throw new ConfigError(`${where} has an empty label name.`);
  if (label.startsWith('__')) {
    throw new ConfigError(
      `${where}: label ${show(label)} begins with "__", which is reserved for Prometheus; choose another name.`,
    );
  }
  if (!isWellFormed(label)) throw new ConfigError(`${where}: label name ${show(label)} contains a lone surrogate.`);
}

/** Throws ConfigError unless there is a help string. Prometheus shows it, and promtool requires it. */
export function checkHelp(help: unknown, family: string): asserts help is string {
  if (typeof help !== 'string' || help === '') {
    throw new ConfigError(`Metric ${show(family)} needs a help string that says what it measures, got ${show(help)}.`);
  }
}
