import { ConfigError, show } from './errors.js';

const LEGACY_METRIC = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LEGACY_LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
// Half a surrogate pair has no UTF-8 form, so no format can carry it.
const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/** Whether a metric name needs neither quotes nor escaping: `[a-zA-Z_:][a-zA-Z0-9_:]*`. */
export function isLegacyMetricName(name: string): boolean {
  return LEGACY_METRIC.test(name);
}

/** Whether a label name needs neither quotes nor escaping: `[a-zA-Z_][a-zA-Z0-9_]*`. */
export function isLegacyLabelName(name: string): boolean {
  return LEGACY_LABEL.test(name);
}

/** Whether a text has a UTF-8 form. */
export function isWellFormed(text: string): boolean {
  return !LONE_SURROGATE.test(text);
}

/** A text with U+FFFD, the replacement character, in place of what has no UTF-8 form: as it will stand on the page. */
export function wellFormed(text: string): string {
  return isWellFormed(text) ? text : text.replace(new RegExp(LONE_SURROGATE, 'g'), '\uFFFD');
}

/** A label name as a scraper sees it that knows no others than `[a-zA-Z_][a-zA-Z0-9_]*`. */
export function legacyLabelName(name: string): string {
  return isLegacyLabelName(name) ? name : name.replace(/[^a-zA-Z0-9_]/gu, '_').replace(/^[0-9]/, '_');
}

/**
 * Refuses what cannot be a metric's name. Since Prometheus 3 a name is any text with a UTF-8 form that is not empty;
 * scrapers that know less are served an escaped name.
 */
export function checkMetricName(name: unknown): asserts name is string {
  if (typeof name !== 'string') throw new ConfigError(`A metric needs a name: a text, not ${show(name)}.`);
  if (name === '') throw new ConfigError('A metric needs a name that is not empty, such as "http_requests_total".');
  if (!isWellFormed(name))
    throw new ConfigError(`Metric name ${show(name)} holds half a surrogate pair, which has no UTF-8 form.`);
}

/** Names joined by dots, as OpenTelemetry has them. UTF-8 names exist for their sake, so they are meant. */
const DOTTED = /^[a-zA-Z_][a-zA-Z0-9_]*(\.[a-zA-Z_][a-zA-Z0-9_]*)+$/;

/**
 * What to log of names such as `my-metric` or `1x`, which are allowed but mostly slips: queries have to quote them, and
 * older scrapers see others. Nothing is said of dotted names.
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

/** Refuses what cannot be a label's name in the named family. Names that begin with `__` belong to Prometheus. */
export function checkLabelName(label: unknown, family: string): asserts label is string {
  const where = `Metric ${show(family)}`;
  if (typeof label !== 'string') throw new ConfigError(`${where}: a label name is a text, not ${show(label)}.`);
  if (label === '') throw new ConfigError(`${where} has an empty label name.`);
  if (label.startsWith('__')) {
    throw new ConfigError(
      `${where}: label ${show(label)} begins with "__", which Prometheus keeps for itself; name it otherwise.`,
    );
  }
  if (!isWellFormed(label)) throw new ConfigError(`${where}: label name ${show(label)} holds half a surrogate pair.`);
}

/** Refuses a help text that is none. Every family has one: Prometheus shows it, and promtool asks for it. */
export function checkHelp(help: unknown, family: string): asserts help is string {
  if (typeof help !== 'string' || help === '') {
    throw new ConfigError(`Metric ${show(family)} needs a help text that says what it counts, not ${show(help)}.`);
  }
}
